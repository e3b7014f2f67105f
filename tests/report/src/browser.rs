//! A real browser, driven over the pipe of its own protocol (Chrome DevTools Protocol): no port, no other library.
//!
//! ```text
//! Page::open ──► navigate ──► load ──► faults   everything a page of ours must not do, as the browser noticed it
//!                               └────► evaluate, screenshot, pdf, axe
//! ```

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::{
    env, fs,
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// Names under which distributions install the browser.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Gives the browser its pipes where it looks for them, and nothing else.
const PIPED: &str = r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>&2"#;

/// A browser that says nothing for so long hangs.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// The end of a message on the pipe.
const END: u8 = 0;

/// A browser without a window.
pub struct Browser {
    process: Child,
    pipe: ChildStdin,
    messages: Receiver<Value>,
    asked: u64,
    events: Vec<Value>,
    folder: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Browser {
    /// Starts it. `None` where no browser is installed, except under continuous integration, which must have one.
    ///
    /// # Panics
    /// If it is installed and does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let given = env::var_os("HELPBELL_CHROMIUM").map(PathBuf::from);
        let version = |name: &PathBuf| Command::new(name).arg("--version").output();
        let there = |name: &PathBuf| match version(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            output => output.unwrap().status.success(),
        };
        let Some(program) = given.into_iter().chain(NAMES.map(PathBuf::from)).find(there) else {
            assert!(
                env::var_os("CI").is_none(),
                "no browser is installed (apt-get install chromium)"
            );
            eprintln!("skipped: no browser is installed (apt-get install chromium)");
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("helpbell-report-")
            .tempdir()
            .unwrap();
        let mut process = Command::new("sh")
            .args(["-c", PIPED])
            .arg(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-pipe",
            ])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join("profile").display()
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pipe = process.stdin.take().unwrap();
        let answers = process.stdout.take().unwrap();
        let (send, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in BufReader::new(answers).split(END).map_while(Result::ok) {
                if send.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    break;
                }
            }
        });
        Some(Self {
            process,
            pipe,
            messages,
            asked: 0,
            events: vec![],
            folder,
        })
    }

    /// Opens a page from a file, in a tab of its own.
    ///
    /// # Panics
    /// If the browser does not open it.
    pub fn open(&mut self, html: &str) -> Page<'_> {
        let file = self.folder.path().join("page.html");
        fs::write(&file, html).unwrap();
        let tab = self.call(None, "Target.createTarget", json!({"url": "about:blank"}));
        let attached = self.call(
            None,
            "Target.attachToTarget",
            json!({"targetId": tab["targetId"], "flatten": true}),
        );
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        self.events.clear();
        let mut page = Page {
            browser: self,
            tab: tab["targetId"].as_str().unwrap().to_owned(),
            session,
        };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.call(
            "Page.navigate",
            json!({"url": format!("file://{}", file.display())}),
        );
        page.wait_for("Page.loadEventFired");
        page
    }

    fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.asked += 1;
        let mut message = json!({"id": self.asked, "method": method, "params": parameters});
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(END);
        self.pipe.write_all(&bytes).unwrap();
        loop {
            let told = self.next(method);
            if told["id"] == self.asked {
                assert!(told.get("error").is_none(), "{method}: {}", told["error"]);
                return told["result"].clone();
            }
            self.events.push(told);
        }
    }

    fn next(&mut self, awaited: &str) -> Value {
        self.messages
            .recv_timeout(HANGS_AFTER)
            .unwrap_or_else(|error| panic!("the browser did not tell of {awaited}: {error}"))
    }
}

/// A page in its tab.
pub struct Page<'a> {
    browser: &'a mut Browser,
    tab: String,
    session: String,
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        if !thread::panicking() {
            let tab = json!({"targetId": self.tab});
            self.browser.call(None, "Target.closeTarget", tab);
        }
    }
}

impl Page<'_> {
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.browser.call(Some(&self.session), method, parameters)
    }

    fn wait_for(&mut self, event: &str) {
        while !self.browser.events.iter().any(|told| told["method"] == event) {
            let told = self.browser.next(event);
            self.browser.events.push(told);
        }
    }

    /// What an expression in JavaScript comes to. The page's own policy does not govern it.
    ///
    /// # Panics
    /// If it throws.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let told = self.call(
            "Runtime.evaluate",
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        assert!(told.get("exceptionDetails").is_none(), "{expression}: {told}");
        told["result"]["value"].clone()
    }

    /// The size of the window, and whether the system is set to dark.
    pub fn look(&mut self, width: u32, height: u32, dark: bool) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        );
        let scheme = if dark { "dark" } else { "light" };
        self.call(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
    }

    /// Presses the mouse in the middle of what a selector finds.
    ///
    /// # Panics
    /// If it finds nothing.
    pub fn click(&mut self, selector: &str) {
        let place = self.evaluate(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{block: 'center'}});
               const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            self.call(
                "Input.dispatchMouseEvent",
                json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1}),
            );
        }
    }

    /// Presses a key, such as `Tab` or `Enter`.
    pub fn key(&mut self, name: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", key);
        }
    }

    /// What of it is in the window, as PNG.
    ///
    /// # Panics
    /// If the browser hands back none.
    pub fn screenshot(&mut self) -> Vec<u8> {
        let told = self.call("Page.captureScreenshot", json!({"format": "png"}));
        BASE64_STANDARD.decode(told["data"].as_str().unwrap()).unwrap()
    }

    /// The same as it would be printed, as PDF.
    ///
    /// # Panics
    /// If the browser hands back none.
    pub fn pdf(&mut self) -> Vec<u8> {
        let options = json!({"preferCSSPageSize": true, "printBackground": true});
        let told = self.call("Page.printToPDF", options);
        BASE64_STANDARD.decode(told["data"].as_str().unwrap()).unwrap()
    }

    /// As it is laid out for the printer, on the screen: what is said of it then holds for the print.
    pub fn as_printed(&mut self) {
        self.call("Emulation.setEmulatedMedia", json!({"media": "print"}));
    }

    /// Everything that the page contains or did and must not, in words; nothing for a page of ours.
    ///
    /// # Panics
    /// If the browser does not answer.
    pub fn faults(&mut self) -> Vec<String> {
        // Also makes sure that all the browser noticed has arrived.
        let inside = self.evaluate(INSIDE);
        let mut faults: Vec<String> = inside
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault.as_str().unwrap().to_owned())
            .collect();
        for event in &self.browser.events {
            let told = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => {
                    let address = told["request"]["url"].as_str().unwrap();
                    let own = told["type"] == "Document" && address.starts_with("file:");
                    if !own && !address.starts_with("data:") {
                        faults.push(format!("asks for {address}"));
                    }
                }
                "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" => {
                    faults.push(format!("console: {told}"))
                }
                "Log.entryAdded" => faults.push(format!("console: {}", told["entry"]["text"])),
                _ => {}
            }
        }
        faults
    }

    /// What axe finds: rule and element. Its code is brought in past the page's policy, which is what the protocol's
    /// own evaluation is for.
    ///
    /// # Panics
    /// If axe fails.
    pub fn violations(&mut self, axe: &str) -> Vec<String> {
        self.evaluate(&format!("{axe}; undefined"));
        let told = self.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations.flatMap(
               violation => violation.nodes.map(node => violation.id + ' at ' + node.target.join(' ') + ': ' +
                 node.failureSummary)))",
        );
        let all = told.as_array().unwrap().iter();
        all.map(|one| one.as_str().unwrap().to_owned()).collect()
    }
}

/// Looks at the tree for what acts, loads or leads elsewhere. Code of other people changes the title in these tests.
const INSIDE: &str = r#"(() => {
  const faults = [];
  const active = 'script,iframe,frame,object,embed,applet,form,base,portal,link,meta[http-equiv=refresh]';
  for (const element of document.querySelectorAll(active)) faults.push('<' + element.localName + '>');
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      const outside = (name === 'src' && !value.startsWith('data:image/')) ||
        ((name === 'href' || name === 'xlink:href') && !value.startsWith('#'));
      if (name.startsWith('on') || name === 'style' || outside) faults.push(`<${element.localName} ${name}="${value}">`);
    }
  }
  if (document.title === 'owned') faults.push('code of others ran');
  return faults;
})()"#;
