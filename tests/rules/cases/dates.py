# Dates and times, with the clock of the press.

# case: the time of the press
import datetime
now = datetime.datetime.now()
text = now.isoformat()
utc = datetime.datetime.now(datetime.timezone.utc).isoformat()
today = datetime.date.today().isoformat()
now = None

# case: the clock stands still
import datetime
first = datetime.datetime.now()
total = sum(range(1000))
same = datetime.datetime.now() == first
first = None

# case: time and the clock
import time
stamp = time.time()
year = time.gmtime().tm_year
text = time.strftime("%Y-%m-%d", time.gmtime())
hour = time.localtime().tm_hour

# case: office hours
import datetime
now = datetime.datetime.now()
if now.weekday() < 5 and datetime.time(8, 0) <= now.time() < datetime.time(18, 0):
    team = "Desk"
else:
    team = "On call"
now = None

# case: parts of a date
import datetime
moment = datetime.datetime(2026, 3, 2, 9, 5, 7, 123456)
values = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond, moment.weekday(), moment.isoweekday(), tuple(moment.isocalendar()), moment.timetuple().tm_yday]
shown = repr(moment)
moment = None

# case: dates as texts
import datetime
moment = datetime.datetime(2026, 3, 2, 9, 5, 7)
texts = [moment.strftime(form) for form in ("%Y-%m-%d", "%d/%m/%y", "%H:%M:%S", "%I:%M %p", "%A %d %B", "%a %b", "%j", "%U %W", "%%", "%y%m")]
plain = str(moment)
short = moment.isoformat(timespec="minutes")
spaced = moment.isoformat(" ")
moment = None

# case: texts as dates
import datetime
moment = datetime.datetime.strptime("02/03/2026 14:30", "%d/%m/%Y %H:%M")
text = moment.isoformat()
named = datetime.datetime.strptime("March 5, 2026", "%B %d, %Y").date().isoformat()
iso = datetime.datetime.fromisoformat("2026-03-02T09:05:07+01:00").isoformat()
day = datetime.date.fromisoformat("2026-12-24").strftime("%d.%m.")
moment = None

# case: a text that is no date
import datetime
moment = datetime.datetime.strptime("32/03/2026", "%d/%m/%Y")

# case: a date that does not exist
# differs: wording
import datetime
day = datetime.date(2026, 2, 29)

# case: arithmetic of dates
import datetime
start = datetime.date(2024, 2, 28)
days = datetime.timedelta(days=2)
later = (start + days).isoformat()
between = (datetime.date(2026, 12, 24) - start).days
moment = datetime.datetime(2026, 3, 2, 23, 30) + datetime.timedelta(hours=1, minutes=45)
next_day = moment.isoformat()
earlier = start < datetime.date(2024, 3, 1)
start = days = moment = None

# case: spans of time
import datetime
span = datetime.timedelta(days=1, hours=2, minutes=30)
values = [str(span), span.total_seconds(), span.days, span.seconds, str(span * 2), str(-span), span // datetime.timedelta(hours=1), str(datetime.timedelta(seconds=90) / 2), span > datetime.timedelta(days=1)]
shown = repr(span)
span = None

# case: time zones
import datetime
rome = datetime.timezone(datetime.timedelta(hours=1), "Rome")
moment = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=rome)
values = [moment.isoformat(), moment.astimezone(datetime.timezone.utc).isoformat(), moment.tzname(), str(moment.utcoffset()), moment.timestamp(), str(datetime.timezone.utc), moment.strftime("%z %Z")]
rome = moment = None

# case: times with and without a zone are not compared
import datetime
now = datetime.datetime.now()
late = now > datetime.datetime.now(datetime.timezone.utc)

# case: replaced and combined
import datetime
moment = datetime.datetime(2026, 3, 2, 9, 30)
values = [moment.replace(hour=17, minute=0).isoformat(), moment.date().isoformat(), moment.time().isoformat(), datetime.datetime.combine(datetime.date(2026, 1, 1), datetime.time(8)).isoformat(), moment.replace(day=1).weekday()]
moment = None

# case: moments from numbers
import datetime
utc = datetime.timezone.utc
values = [datetime.datetime.fromtimestamp(0, utc).isoformat(), datetime.datetime.fromtimestamp(1772439330.25, utc).isoformat(), datetime.datetime.fromtimestamp(0).isoformat(), datetime.date.fromtimestamp(86400 * 365).isoformat(), datetime.datetime(2026, 3, 2, tzinfo=utc).timestamp()]
utc = None

# case: local time as the operating system tells it
import datetime
here = datetime.datetime.now().astimezone()
offset = str(here.utcoffset())
same = here == datetime.datetime.now(datetime.timezone.utc)
here = None

# case: times of day
import datetime
closing = datetime.time(17, 0)
values = [closing.isoformat(), str(closing), closing.strftime("%H.%M"), closing < datetime.time(17, 0, 1), datetime.time.fromisoformat("08:30").minute, datetime.time.max.isoformat()]
closing = None

# case: the calendar
import calendar
values = [calendar.isleap(2024), [int(n) for n in calendar.monthrange(2026, 2)], int(calendar.weekday(2026, 3, 2)), calendar.day_name[0], calendar.month_abbr[3]]

# case: working days until a date
import datetime
day = datetime.date(2026, 3, 2)
count = 0
while day < datetime.date(2026, 3, 16):
    if day.weekday() < 5:
        count += 1
    day += datetime.timedelta(days=1)
day = None
