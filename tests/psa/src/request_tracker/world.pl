# Makes and changes the world of a local Request Tracker, with its own library. The statements to run stand in the first
# argument; what they print is their answer.
use strict;
use warnings;
use utf8;
use lib '/usr/share/request-tracker5/lib', '/usr/local/share/request-tracker5/lib';
use RT;
RT->LoadConfig;
RT->Init;
binmode STDOUT, ':utf8';
my $system = RT->SystemUser;

sub done {
    my ($what, $ok, $message) = @_;
    die "failed to $what: " . ($message // 'without a reason') . "\n" unless $ok;
    return $ok;
}

# Whoever rights can be given to: a user by name, a role such as Requestor, or Everyone, Privileged, Unprivileged.
sub principal {
    my ($name) = @_;
    my $group = RT::Group->new($system);
    if ($name =~ /^(?:Requestor|Owner|Cc|AdminCc)$/) {
        $group->LoadRoleGroup(Object => $RT::System, Name => $name);
        return $group->PrincipalObj;
    }
    if ($name =~ /^(?:Everyone|Privileged|Unprivileged)$/) {
        $group->LoadSystemInternalGroup($name);
        return $group->PrincipalObj;
    }
    return user($name)->PrincipalObj;
}

sub user {
    my ($name) = @_;
    my $user = RT::User->new($system);
    $user->Load($name);
    done("find the user $name", $user->Id);
    return $user;
}

sub queue {
    my ($name) = @_;
    my $queue = RT::Queue->new($system);
    $queue->Load($name);
    done("find the queue $name", $queue->Id);
    return $queue;
}

sub make_user {
    my ($name, $real, $address, $privileged) = @_;
    my $user = RT::User->new($system);
    done("make the user $name", $user->Create(
        Name => $name, RealName => $real, EmailAddress => $address,
        Password => "$name-password", Privileged => $privileged,
    ));
}

sub make_queue {
    my ($name, %more) = @_;
    my $queue = RT::Queue->new($system);
    done("make the queue $name", $queue->Create(Name => $name, %more));
}

# A custom field of tickets in a queue, or in all queues; with values it is a list of which one is chosen.
sub make_field {
    my ($name, $queue, @values) = @_;
    my $field = RT::CustomField->new($system);
    my $type = @values ? 'SelectSingle' : 'FreeformSingle';
    done("make the field $name", $field->Create(Name => $name, Type => $type, LookupType => 'RT::Queue-RT::Ticket'));
    done("use the field $name", $field->AddToObject($queue ? queue($queue) : RT::Queue->new($system)));
    my $place = 0;
    done("add $_ to $name", $field->AddValue(Name => $_, SortOrder => ++$place)) for @values;
}

# Gives rights everywhere, or in one queue.
sub grant {
    my ($who, $queue, @rights) = @_;
    my $object = $queue ? queue($queue) : $RT::System;
    done("grant $_ to $who", principal($who)->GrantRight(Right => $_, Object => $object)) for @rights;
}

sub revoke {
    my ($who, $queue, @rights) = @_;
    my $object = $queue ? queue($queue) : $RT::System;
    done("revoke $_ from $who", principal($who)->RevokeRight(Right => $_, Object => $object)) for @rights;
}

# Prints a new token of a user's, after their name.
sub print_token {
    my ($name) = @_;
    my ($ok, $message, $token) = RT::AuthToken->new($system)->Create(Owner => user($name)->Id, Description => 'sandbox');
    done("make a token for $name", $ok, $message);
    print "$name $token\n";
}

eval "$ARGV[0]; 1" or die $@;
