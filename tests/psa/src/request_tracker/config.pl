# What a local Request Tracker needs to know; FOLDER and PORT are filled in.
$RT::VarPath = 'FOLDER';
$RT::MasonDataDir = 'FOLDER/mason';
$RT::MasonSessionDir = 'FOLDER/sessions';
Set($rtname, 'desk.example');
Set($Organization, 'desk.example');
Set($CorrespondAddress, 'rt@desk.example');
Set($CommentAddress, 'rt-comment@desk.example');
# Not UTC: a client that takes the server's local times for UTC must be noticed.
Set($Timezone, 'America/New_York');
Set($WebDomain, '127.0.0.1');
Set($WebPort, PORT);
Set($WebBaseURL, 'http://127.0.0.1:PORT');
Set($WebPath, '/rt');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, 'FOLDER/rt.sqlite');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'warning');
# The least that bcrypt takes. Passwords here are no secrets, and each costs 0.2 s otherwise.
Set($BcryptCost, 4);
# No mail leaves: what would be sent is kept in a folder.
Set($MailCommand, 'sendmailpipe');
Set($SendmailPath, 'FOLDER/sendmail');
1;
