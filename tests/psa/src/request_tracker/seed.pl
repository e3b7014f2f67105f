make_queue('Service Desk', Description => 'People who press',
    CorrespondAddress => 'desk@desk.example', CommentAddress => 'desk-comment@desk.example');
make_field('Hostname', undef);
make_field('Category', 'Service Desk', qw(Hardware Software Network));
make_user('maria.rossi', 'Maria Rossi', 'maria.rossi@bianchi.example', 0);
make_user('paolo.bianchi', 'Paolo Bianchi', 'paolo.bianchi@bianchi.example', 0);
make_user('lars', 'Lars Berg', 'lars@desk.example', 1);
make_user('helpbell', 'Helpbell', 'helpbell@desk.example', 1);
grant('Everyone', undef, qw(CreateTicket));
grant('Requestor', undef, qw(ShowTicket ReplyToTicket));
grant('lars', undef, qw(SeeQueue CreateTicket ShowTicket ShowTicketComments CommentOnTicket ReplyToTicket ModifyTicket
    OwnTicket SeeCustomField ModifyCustomField WatchAsAdminCc));
grant('helpbell', undef, qw(SeeQueue CreateTicket ShowTicket ShowTicketComments CommentOnTicket ModifyTicket
    SeeCustomField ModifyCustomField ShowAsset ShowCatalog));
my $assets = RT::Catalog->new($system);
done('find the catalog', $assets->Load('General assets') && $assets->Id);
for my $name ('PC-7', 'PC-8', 'PC-8') {
    done("make the asset $name", RT::Asset->new($system)->Create(Name => $name, Catalog => $assets->Id));
}
print_token($_) for qw(root lars helpbell maria.rossi paolo.bianchi);
