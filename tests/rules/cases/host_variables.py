# Variables of the press and of the PSA.

# case: values of all kinds are assigned
priority = "High"
impact = 1
urgency = 2.0
team = None
agent = True
state = ["New", "Open"]

# case: other things are no values
priority = (1, 2)
team = {"a": 1}
agent = 10 ** 30
state = [1, "a"]
ticketType = range(3)

# case: a number with a fraction stays one
impact = 7 / 2
urgency = 4 / 2

# case: the last assignment counts
team = "A"
team = "B"
team = team + "C"

# case: a value that is assigned back is no other
before = priority
priority = "High"
priority = before

# case: augmented assignment
append += "first line\n"
append += "second line\n"
priv_append += f"from {hostname}\n"
impact -= 1

# case: a tuple of variables
team, agent = "Print", "Bo"
priority, ticketType = ticketType, priority

# case: in a loop
for team in ["A", "B"]:
    pass

# case: by a walrus, by with, by except
if (team := "Print"):
    pass
try:
    1 / 0
except ZeroDivisionError as problem:
    agent = str(problem)

# case: in a function with global
def route(word, target):
    global team
    if word in msg.lower():
        team = target

route("printer", "Print")
route("fax", "Fax")

# case: by globals
globals()["team"] = "Print"

# case: a tag in the message
msg = msg + "\n[" + str(hostname) + " " + str(mac) + " " + str(ip) + "]"

# case: the selections
number = len(selections)
again = "This happens again and again" in selections
text = ", ".join(selections)
first = selections[0]
if again and "Everybody" not in selections:
    priority = "Medium"

# case: a refusal
if email.lower().endswith("@bianchi.example"):
    exception = "Please call us."

# case: printed output
print("checking", name, 3, sep=", ", end=";\n")
print()
print("a\tb", ["x"], None)
print(f"{len(msg)} characters")

# case: printed output before an error
print("before")
value = 1 / 0
print("after")

# case: nothing at all

# case: only a comment
# nothing to do today
