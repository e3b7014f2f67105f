# The real Redmine on data of its own: seeds a fresh database and serves it on a free port of the loopback interface.
#
# Started by `mod.rs` with the folder of the instance in REDMINE_INSTANCE and the world to make on standard input, as
# JSON. Prints one line of JSON once it answers, and ends when standard input ends.

require 'json'
require 'rack/handler/webrick'
require '/usr/share/redmine/config/environment'

wish = JSON.parse($stdin.readline)

# Debian's package brings the schema, unless its database may not be read. The words that an administrator loads by a
# button are Redmine's own.
ActiveRecord::Base.logger = nil
unless ActiveRecord::Base.connection.table_exists?('settings')
  ActiveRecord::Migration.verbose = false
  ActiveRecord::Migrator.migrations_paths = Rails.application.paths['db/migrate'].to_a
  ActiveRecord::Base.connection.migration_context.migrate
  ActiveRecord::Base.descendants.each(&:reset_column_information)
end
Redmine::DefaultData::Loader.load('en') if Redmine::DefaultData::Loader.no_data?
Setting.rest_api_enabled = '1'
Setting.text_formatting = wish.fetch('text_formatting')
Setting.host_name = '127.0.0.1'
Setting.login_required = '0'
Setting.attachment_max_size = wish.fetch('attachment_max_kib').to_s
# Mail is neither written nor sent: writing it in the background would lock the database for the seed below.
ActionMailer::Base.perform_deliveries = false
class DroppingAdapter
  def enqueue(_job); end

  def enqueue_at(_job, _time); end
end
ActiveJob::Base.queue_adapter = DroppingAdapter.new

# Lambdas, not methods: a method here would belong to every object of Redmine's.
user = lambda do |login, first, last, mail, password, admin = false|
  account = User.find_by_login(login) || User.new
  account.login = login
  account.firstname, account.lastname, account.mail, account.admin = first, last, mail, admin
  account.password = account.password_confirmation = password
  account.language = 'en'
  account.must_change_passwd = false
  account.status = User::STATUS_ACTIVE
  account.save!
  account
end

role = lambda do |name, permissions|
  made = Role.new(name: name, permissions: permissions, assignable: true)
  made.save!
  made
end

admin = user.('admin', 'Redmine', 'Admin', 'admin@desk.example', 'administrator', true)
api = user.('helpbell', 'Helpbell', 'Integration', 'helpbell@desk.example', 'helpbell-password')
technician = user.('tech', 'Tessa', 'Technician', 'tessa@desk.example', 'technician')
maria = user.('maria', 'Maria', 'Rossi', 'maria.rossi@bianchi.example', 'maria-password')

# Exactly what the guide asks for, in the words of Administration > Roles and permissions.
integration = role.('Helpbell', [:view_issues, :add_issues, :edit_issues, :add_issue_notes, :view_private_notes,
                                :set_notes_private, :add_issue_watchers, :view_files, :manage_files])
customer = role.('Customer', [:view_issues, :add_issues, :add_issue_notes, :view_files])
manager = Role.find_by_name('Manager')

project = lambda do |name, identifier, public, modules|
  made = Project.new(name: name, identifier: identifier, is_public: public)
  made.enabled_module_names = modules
  made.trackers = Tracker.all
  made.save!
  made
end

desk = project.('Help Desk', 'help-desk', true, %w[issue_tracking files])
other = project.('Operations', 'operations', true, %w[issue_tracking])
reports = project.('Helpbell Reports', 'helpbell-reports', false, %w[files])

member = ->(who, where, role) { Member.create!(user: who, project: where, roles: [role]) }
[desk, reports].each do |where|
  member.(api, where, integration)
  member.(technician, where, manager)
end
member.(maria, desk, customer)
member.(technician, other, manager)

IssueCategory.create!(project: desk, name: 'Printing')
IssueCategory.create!(project: desk, name: 'Network')
IssueCategory.create!(project: other, name: 'Racks')

trackers = Tracker.all.to_a
field = lambda do |attributes|
  IssueCustomField.create!({ is_for_all: false, is_filter: true, searchable: true, trackers: trackers,
                             projects: [desk] }.merge(attributes))
end
field.(name: 'Asset tag', field_format: 'string')
field.(name: 'Floor', field_format: 'list', possible_values: ['Ground floor', 'First floor', 'Attic'])

# Roles other than the built-in ones have no workflow until somebody makes one; without it no status can be set.
[integration, customer].each do |fresh|
  WorkflowTransition.copy(nil, manager, nil, fresh)
end

port = Integer(wish.fetch('port'))
tell = lambda do |server|
  puts JSON.generate(
    port: server.listeners.first.addr[1], api_key: api.api_key, admin_key: admin.api_key, maria_key: maria.api_key,
    technician_key: technician.api_key, project: desk.identifier, reports: reports.identifier
  )
  $stdout.flush
  # Ends with whoever started it, even if that was killed.
  Thread.new do
    $stdin.read
    server.shutdown
  end
end
Rack::Handler::WEBrick.run(
  Rails.application, Host: '127.0.0.1', Port: port, StartCallback: -> { tell.($server) }, AccessLog: [],
                     Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN)
) { |server| $server = server }
