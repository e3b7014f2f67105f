# Rules as MSPs write them.

# case: a list of important people
vip = ["Dana Marsh", "Lee Ortiz"]
if name in vip:
    priority = "High"
    subject = "VIP: " + subject

# case: important people by address, whatever the case
vip = ("dana.marsh@bianchi.example", "ceo@rossi.example")
if email.strip().lower() in vip:
    priority = "High"

# case: the part after the at sign
domain = email.lower().split("@")[-1]
companies = {"bianchi.example": "Bianchi", "rossi.example": "Rossi"}
company = companies.get(domain, "unknown")
append = f"Company: {company}"

# case: keywords to teams, the first that fits
routes = {
    "printer": "Print",
    "toner": "Print",
    "outlook": "Mail",
    "password": "Desk",
}
text = (subject + " " + msg).lower()
for word, target in routes.items():
    if word in text:
        team = target
        break

# case: keywords with weights
weights = {"down": 5, "everybody": 5, "server": 3, "printer": 1, "slow": 1}
score = sum(weight for word, weight in weights.items() if word in msg.lower())
if score >= 8:
    priority = "Critical"
elif score >= 3:
    priority = "High"
else:
    priority = "Low"

# case: keywords with weights in a bad moment
# given: msg = "The server is down for everybody!!!"
weights = {"down": 5, "everybody": 5, "server": 3, "printer": 1, "slow": 1}
score = sum(weight for word, weight in weights.items() if word in msg.lower())
if score >= 8:
    priority = "Critical"
shouts = msg.count("!")
if shouts >= 3:
    subject = "[!] " + subject

# case: a priority by level
levels = ["Low", "Medium", "High", "Critical"]
level = levels.index(priority)
if "again" in " ".join(selections):
    level = min(level + 1, len(levels) - 1)
priority = levels[level]

# case: a matrix of impact and urgency
matrix = {(1, 1): "Critical", (1, 2): "High", (1, 3): "Medium", (2, 1): "High", (2, 2): "Medium", (2, 3): "Low", (3, 1): "Medium", (3, 2): "Low", (3, 3): "Low"}
if "Only me" in selections:
    impact = 3
if "I cannot work" in selections:
    urgency = 1
else:
    urgency = 2
priority = matrix[impact, urgency]

# case: phone numbers cleaned up
import re
numbers = []
for found in re.findall(r"\+?[\d ()/-]{7,}\d", "Call +39 055 (123) 456-7 or 0171/5551234, room 12"):
    digits = re.sub(r"[^\d+]", "", found)
    numbers.append(digits if digits.startswith("+") else "+49" + digits.lstrip("0"))
append = "\n".join(numbers)

# case: a subject without noise
import re
subject = "RE: FW: re:   Printer \t broken!!"
subject = re.sub(r"^(?:(?:re|fw|fwd|aw|wg):\s*)+", "", subject, flags=re.I)
subject = re.sub(r"\s+", " ", subject).strip(" !")
subject = subject[:1].upper() + subject[1:]

# case: a subject of the first line
lines = [line.strip() for line in msg.splitlines() if line.strip()]
greetings = ("hi", "hello", "dear")
while lines and lines[0].lower().startswith(greetings):
    lines.pop(0)
subject = lines[0][:40].rstrip(" .,") if lines else "No subject"

# case: a number for a location
site = hostname.split("-")[0]
sites = {"WS": "Workshop", "HQ": "Head office"}
append = sites.get(site, "elsewhere")
number = int(hostname.split("-")[1])
odd = number % 2 == 1

# case: networks
parts = [int(part) for part in ip.split(".")]
if parts[:2] == [192, 168]:
    where = "office"
elif parts[0] == 10:
    where = "VPN"
else:
    where = "outside"
third = parts[2]

# case: nights and weekends
import datetime
now = datetime.datetime.now()
holidays = [(1, 1), (12, 25), (12, 26)]
closed = now.weekday() >= 5 or (now.month, now.day) in holidays or not 8 <= now.hour < 18
team = "On call" if closed else "Desk"
priv_append = now.strftime("Pressed on %A at %H:%M")
now = None

# case: agents by turns
import datetime
agents = ["Ann", "Bo", "Cy", "Di"]
agent = agents[datetime.date.today().toordinal() % len(agents)]

# case: an agent by chance
import random
agent = random.choice(["Ann", "Bo", "Cy"])

# case: escalation when many are affected
affected = {"Only me": 3, "My team": 2, "Everybody": 1}
impact = min([affected[s] for s in selections if s in affected], default=3)
if impact == 1 and "down" in msg.lower():
    priority = "Critical"

# case: a table for the private note
rows = [("Computer", hostname), ("Address", ip), ("Hardware", mac.upper())]
width = max(len(title) for title, _ in rows)
priv_append = "\n".join(f"{title:<{width}} : {value}" for title, value in rows)

# case: rules as data
rules = [
    {"if": lambda: "printer" in msg.lower(), "set": ("team", "Print")},
    {"if": lambda: len(selections) > 1, "set": ("priority", "Medium")},
    {"if": lambda: not msg, "set": ("exception", "Please say what is wrong.")},
]
for rule in rules:
    if rule["if"]():
        variable, value = rule["set"]
        globals()[variable] = value
rules = rule = None

# case: secrets masked
import re
msg = re.sub(r"(?i)(password|pin)(\s*(?:is|:|=)\s*)(\S+)", lambda m: m[1] + m[2] + "*" * len(m[3]), "my Password is hunter2 and PIN: 1234")

# case: a custom field from the message
import re
found = re.search(r"\bINV-(\d{4,6})\b", "about invoice INV-20418, thanks")
customfield = f"{int(found[1]):08d}" if found else ""
found = None

# case: languages told apart
words = {"it": {"non", "grazie", "stampante"}, "de": {"nicht", "danke", "drucker"}, "en": {"not", "thanks", "printer"}}
said = set(msg.lower().replace(",", " ").split())
language = max(sorted(words), key=lambda code: len(words[code] & said))
words = said = None

# case: everything that was said, in order
log = []
def note(text):
    log.append(f"{len(log) + 1}. {text}")
note("started")
if "LETTER" in msg:
    note("a letter")
note("ended")
priv_append = "\n".join(log)
