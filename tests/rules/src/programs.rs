//! Random rules of a small grammar. Every value stays small, so that no program runs long.

use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
    strategy::BoxedStrategy,
};

/// Names that a program begins with and may assign: numbers.
const NUMBERS: [&str; 4] = ["n0", "n1", "n2", "impact"];
/// The same: texts.
const TEXTS: [&str; 5] = ["t0", "t1", "team", "priority", "msg"];
/// The first lines of each program.
const BEGINNING: &str = "n0, n1, n2 = 0, 7, -3\nt0, t1 = 'aB c', ''\n";

/// Values stay within these bounds, so that repeated arithmetic stays quick.
const LARGEST: u32 = 1_000_000;
/// The same for texts, in characters.
const LONGEST: usize = 40;
/// How deep expressions are nested.
const DEPTH: u32 = 3;
/// Parts of an expression, about.
const SIZE: u32 = 12;
/// Statements on one level, at most.
const STATEMENTS: usize = 6;
/// Statements within statements, at most so deep.
const NESTED: u32 = 2;
/// Blanks for one level.
const INDENT: &str = "    ";

/// A program.
pub fn program() -> impl Strategy<Value = String> {
    block(NESTED).prop_map(|lines| {
        let mut source = BEGINNING.to_owned();
        for line in lines {
            source.push_str(&line);
            source.push('\n');
        }
        source
    })
}

type Lines = Vec<String>;

fn block(depth: u32) -> BoxedStrategy<Lines> {
    vec(statement(depth), 1..=STATEMENTS)
        .prop_map(|statements| statements.concat())
        .boxed()
}

fn statement(depth: u32) -> BoxedStrategy<Lines> {
    let simple = prop_oneof![
        3 => (select(&NUMBERS[..]), number()).prop_map(|(name, value)| {
            vec![format!("{name} = max(-{LARGEST}, min({LARGEST}, {value}))")]
        }),
        3 => (select(&TEXTS[..]), text()).prop_map(|(name, value)| {
            vec![format!("{name} = ({value})[:{LONGEST}]")]
        }),
        1 => (select(&NUMBERS[..3]), select(&["+=", "-=", "|=", "&="][..]), number()).prop_map(
            |(name, operator, value)| vec![format!("{name} {operator} ({value}) % 97")]
        ),
        1 => (text(), number()).prop_map(|(text, number)| vec![format!("print({text}, {number})")]),
    ];
    if depth == 0 {
        return simple.boxed();
    }
    let inner = || block(depth - 1);
    let conditional = (
        condition(),
        inner(),
        proptest::option::of((condition(), inner())),
        proptest::option::of(inner()),
    )
        .prop_map(|(condition, then, other, otherwise)| {
            let mut lines = vec![format!("if {condition}:")];
            lines.extend(indented(then));
            if let Some((condition, then)) = other {
                lines.push(format!("elif {condition}:"));
                lines.extend(indented(then));
            }
            if let Some(otherwise) = otherwise {
                lines.push("else:".to_owned());
                lines.extend(indented(otherwise));
            }
            lines
        });
    let walked = prop_oneof![
        (0..4_u8).prop_map(|times| format!("for n0 in range({times}):")),
        text().prop_map(|text| format!("for t0 in ({text})[:3]:")),
        text().prop_map(|text| format!("for t1 in sorted(({text}).split())[:3]:")),
    ];
    let looped = (walked, inner()).prop_map(|(head, body)| {
        let mut lines = vec![head];
        lines.extend(indented(body));
        lines
    });
    let tried = (inner(), inner()).prop_map(|(body, handler)| {
        let mut lines = vec!["try:".to_owned()];
        lines.extend(indented(body));
        lines.push("except ZeroDivisionError:".to_owned());
        lines.extend(indented(handler));
        lines
    });
    prop_oneof![4 => simple, 2 => conditional, 1 => looped, 1 => tried].boxed()
}

fn indented(lines: Lines) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("{INDENT}{line}"))
}

fn number() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        (-9..100_i32).prop_map(|number| number.to_string()),
        select(&NUMBERS[..]).prop_map(str::to_owned),
        select(&TEXTS[..]).prop_map(|name| format!("len({name})")),
    ];
    leaf.prop_recursive(DEPTH, SIZE, 2, |inner| {
        prop_oneof![
            4 => (inner.clone(), select(&["+", "-", "*", "//", "%", "&", "|", "^"][..]), inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            1 => inner.clone().prop_map(|number| format!("abs({number})")),
            1 => inner.clone().prop_map(|number| format!("round({number} / 3)")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("divmod({a}, {b})[1]")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("({a} if {a} < {b} else {b})")),
            1 => select(&TEXTS[..]).prop_map(|name| format!("sum(1 for c in {name} if c.isupper())")),
        ]
    })
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        "[a-cA-C ÄßéЖ😀'!]{0,6}".prop_map(|text| python(&text)),
        select(&TEXTS[..]).prop_map(str::to_owned),
        number().prop_map(|number| format!("str({number})")),
    ];
    let method = select(
        &[
            "upper()",
            "lower()",
            "title()",
            "strip()",
            "casefold()",
            "capitalize()",
            "replace('a', 'bb')",
            "center(9, '*')",
            "rjust(5)",
            "partition('b')[2]",
        ][..],
    );
    leaf.prop_recursive(DEPTH, SIZE, 2, move |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
            3 => (inner.clone(), method.clone()).prop_map(|(text, method)| format!("({text}).{method}")),
            2 => (inner.clone(), -6..6_i8, -6..6_i8).prop_map(|(text, a, b)| format!("({text})[{a}:{b}]")),
            1 => (inner.clone(), prop_oneof![Just("::-1"), Just("::2"), Just("1:")])
                .prop_map(|(text, slice)| format!("({text})[{slice}]")),
            1 => inner.clone().prop_map(|text| format!("'-'.join(({text}).split())")),
            1 => inner.clone().prop_map(|text| format!("repr({text})")),
            1 => (select(&NUMBERS[..]), select(&["", "03", ">5", "x", "+", ",", ".2f"][..]))
                .prop_map(|(name, form)| format!("f'{{{name}:{form}}}'")),
            1 => (inner, 0..3_u8).prop_map(|(text, times)| format!("({text} * {times})")),
        ]
    })
    .boxed()
}

fn condition() -> BoxedStrategy<String> {
    let comparison = || select(&["<", "<=", "==", "!=", ">", ">="][..]);
    let leaf = prop_oneof![
        (number(), comparison(), number()).prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
        (text(), comparison(), text()).prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
        (text(), select(&TEXTS[..])).prop_map(|(text, name)| format!("{text} in {name}")),
        select(&TEXTS[..]).prop_map(|name| format!("{name}.isupper()")),
        text().prop_map(|text| format!("not {text}")),
        any::<bool>().prop_map(|truth| if truth { "True" } else { "False" }.to_owned()),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), select(&["and", "or"][..]), inner)
            .prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})"))
    })
    .boxed()
}

/// A text as Python reads it.
fn python(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
