// Who and what there is: people, their sessions, rooms by name, members, topics, patterns. The control plane, on core
// 0.
//
//   sessions (any core) --greet, call, end--> Directory --replies, events, attach--> DirectoryOutlet --> their cores
//
// What outlives the hub is changed here at once and noted as Changes; replies and events that tell of it wait until the
// store has committed them.
//
// What is said in rooms never passes here. A call is decoded, handled by one of the handle() overloads (a method
// without one doesn't compile) and answered at once, or later by a room's home or by the session's core. Pure: no
// sockets or threads; the clock comes with each call.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "proto/codec.hpp"
#include "proto/methods.hpp"
#include "server/config.hpp"
#include "server/core/session_ref.hpp"
#include "server/dispatch/later_plan.hpp"
#include "server/dispatch/reply_cache.hpp"
#include "server/dump/json_writer.hpp"
#include "server/fanout/fanout.hpp"
#include "server/log/store.hpp"
#include "server/rooms/room.hpp"
#include "server/services/exact_calls.hpp"
#include "server/services/services.hpp"
#include "server/topics/pattern_index.hpp"

namespace hubbub::server {

/// A message that a call posts. Owns its bytes: it travels to the room's home.
struct PostedByCall {
  ClientId client;
  std::uint64_t question = 0;  ///< see question_of()
  PersonName from;
  bool verified = false;
  proto::Kind kind = proto::Kind::text;
  std::uint8_t flags = 0;    ///< retain and marked, if they are
  std::string headers = {};  ///< as on the wire, without their leading size
  std::string body = {};
};

/// What the hub as a whole knows of itself, for hub.info and the summary.
struct HubFigures {
  std::uint64_t uptime_s = 0, published = 0, delivered = 0;
  std::uint32_t cores = 0;
};

/// Not found, with a sentence.
tl::unexpected<Error> no_such_room(const RoomName& name);

/// What the directory causes elsewhere. Every call may reach another core, later, in the order of the calls to that
/// core.
class DirectoryOutlet {
 public:
  virtual ~DirectoryOutlet() = default;
  virtual void send(const std::vector<SessionRef>& sessions, std::string frames) = 0;
  virtual void reply(SessionRef session, CallId call, Status status, std::string result) = 0;
  /// Gives the provider an Invoke. Where that doesn't read what it is given, the outcome comes back at once.
  virtual void invoke(SessionRef provider, InvocationId id, std::string frame) = 0;
  virtual void revoke(SessionRef provider, std::string frame) = 0;
  virtual void close(SessionRef session, proto::CloseReason reason) = 0;
  virtual void welcome(SessionRef session, const PersonName& name, bool verified) = 0;
  virtual void renamed(SessionRef session, const PersonName& name) = 0;
  virtual void open_room(RoomId room, std::shared_ptr<RoomGauges> gauges) = 0;
  virtual void open_durable_room(KeptRoom kept, RoomPolicy policy, std::shared_ptr<RoomGauges> gauges) = 0;
  virtual void set_policy(RoomId room, RoomPolicy policy) = 0;
  /// The session publishes under its client id, in that epoch; or must not any more.
  virtual void registered(SessionRef session, std::uint64_t epoch) = 0;
  virtual void fence(SessionRef session) = 0;
  /// `committed` is called once all of it is kept, in the order of the calls.
  virtual void change(Changes changes, std::function<void()> committed) = 0;
  /// Why nothing can be kept now; empty while all is well.
  [[nodiscard]] virtual const std::string& trouble() const = 0;
  /// Calls `then` after that time, unless the hub is stopped before.
  virtual void after(std::chrono::milliseconds wait, std::function<void(WallTime now)> then) = 0;
  /// Of an exactly-once call. Nothing where it isn't answered. REQUIRES: there is a store.
  virtual void find_answer(const ClientId& client, CallId call,
                           std::function<void(Result<std::optional<KeptAnswer>>)> then) = 0;
  virtual void search(SearchWish wish, std::function<void(Result<SearchFound>)> then) = 0;
  /// The user that the hub runs as, or root.
  [[nodiscard]] virtual bool is_operator(unsigned uid) const = 0;
  virtual void dump(std::function<void(Result<proto::HubDump::Reply>)> then) = 0;
  /// From now on the session may publish to the room.
  virtual void admit(SessionRef session, RoomId room) = 0;
  /// Attaches all of these. Then answers `call`, unless it is zero, with a proto::RoomSubscribe::Reply of `matched`
  /// rooms.
  virtual void attach(SessionRef session, CallId call, std::size_t matched, std::vector<RoomToAttach> rooms) = 0;
  virtual void detach(SessionRef session, std::vector<RoomId> rooms) = 0;
  virtual void post(SessionRef session, CallId call, RoomId room, PostedByCall message) = 0;
  /// Posts it for nobody who waits: Directory::posted() hears what became of it.
  virtual void post_later(RoomId room, LaterId later, PostedByCall message) = 0;
  /// Answers in the order in which it was asked. REQUIRES: there is a store.
  virtual void later(LaterWish wish, std::function<void(Result<LaterFound>)> then) = 0;
  virtual void history(SessionRef session, CallId call, RoomId room, Seq before, std::uint16_t limit) = 0;
  /// Erases what `wish` says, if `message`'s author may; its text is the reason.
  virtual void redact(SessionRef session, CallId call, RoomId room, Redaction wish, PostedByCall message) = 0;
  virtual void pins(SessionRef session, CallId call, RoomId room) = 0;
  virtual void wait_for_next(SessionRef session, CallId call, RoomId room, Seq after) = 0;
  virtual void trace(SessionRef session, CallId call, RoomId room, Seq seq) = 0;
  virtual void list_groups(SessionRef session, CallId call, RoomId room) = 0;
  /// Answers with `reply` once it is kept that there is no such group.
  virtual void forget_group(SessionRef session, RoomId room, GroupName group, KeptReply reply) = 0;
  /// Posts it to the room `dead` as the hub. Then finished() is called without a session, and with this id.
  virtual void bury(CallId id, RoomId dead, DeadLetter letter, PersonName from, bool verified) = 0;
  /// Tells the room's home what became of a Burial.
  virtual void buried(RoomId room, GroupName group, Seq seq, bool is_kept) = 0;
  [[nodiscard]] virtual HubFigures figures() const = 0;
};

/// What a session's core knows of a client that says Hello.
struct Greeting {
  SessionRef session;
  ClientId client;
  OwnerKey owner;
  std::string wanted_name;           ///< not checked yet; may be empty
  std::optional<unsigned> uid;       ///< of the peer of a UNIX socket
  std::optional<PersonName> proven;  ///< the name that goes with it
};

class Directory {
 public:
  /// With what was kept; nothing: nothing outlives this hub.
  Directory(const Config& config, DirectoryOutlet& outlet, const Kept* kept = nullptr);

  /// Answers with welcome() or close().
  void greet(const Greeting& greeting, WallTime now);
  /// `vanished`: without a good-bye, so that its last will counts.
  void end(SessionRef session, WallTime now, bool vanished = false);
  /// A person did something: not idle.
  void active(SessionRef session, WallTime now);
  /// Decodes and handles a call; answers by the outlet's reply(), now or later. One that is a service's is told its
  /// deadline (from now; zero: none), and give_up() when that has passed or its caller cancels it.
  void call(SessionRef session, CallId id, const MethodName& method, std::string_view arguments, WallTime now,
            std::uint32_t deadline_ms = 0);
  void give_up(SessionRef session, CallId id, const Error& why);
  /// What a provider made of an Invoke.
  void outcome(SessionRef provider, const proto::Outcome& outcome, WallTime now);
  /// The answer of a call that was left to a room's home or a session's core. Stores it and sends it on.
  void finished(SessionRef session, CallId id, StoredReply reply);
  /// Puts a message to the dead, and tells its room's home by DirectoryOutlet::buried().
  void bury(Burial burial);
  /// What became of a message that was to be posted later.
  void posted(LaterId later, LaterOutcome outcome);
  /// The hub is being stopped: from now on nothing is posted by itself.
  void stop();
  void reconfigure(const Config& config);
  /// People, rooms and cursors; `dump_room` writes what a room's home knows.
  void dump(JsonWriter& json, const std::function<void(RoomId)>& dump_room) const;

  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  [[nodiscard]] std::size_t people() const { return people_.size(); }
  [[nodiscard]] std::size_t rooms() const { return rooms_.size(); }

 private:
  struct RoomEntry;
  struct PersonEntry {
    PersonName name;
    Owner owner;
    bool verified = false;
    AwayText away;
    WallTime active_at;
    std::unordered_set<SessionRef> sessions;
    std::map<std::string, RoomEntry*> rooms;  // a member of these, direct ones too; by key
    std::set<RoomEntry*> read;                // has cursors there
    std::set<RoomEntry*> owned;               // made these, and may redact what others say there
    bool kept = false;                        // the store knows this person
  };
  struct Attached {
    RoomEntry* room;
    GroupName group;
    RoomName name;       // as the session was told: a direct room's other person may be called otherwise by now
    bool acked = false;  // the group acknowledges
  };
  struct Subscription {
    GroupName group;
    bool events;
    Acks acks = {};
  };
  /// What is posted for a session that has vanished.
  struct Will {
    RoomId room;
    PostedByCall message;
    ClientId client = {};
    Owner owner = {};
    [[nodiscard]] std::size_t bytes() const { return message.headers.size() + message.body.size(); }
  };
  struct SessionEntry {
    PersonEntry* person;
    ClientId client;
    std::map<Pattern, Subscription> named;  // subscriptions to single rooms
    std::map<Pattern, Subscription> wild;   // and to patterns
    bool told_of_rooms_max = false;         // the log was, that it can't be given a room that its pattern matches
    [[nodiscard]] auto& subscriptions_like(const Pattern& pattern) { return is_wild(pattern) ? wild : named; }
    std::map<std::uint32_t, Attached> attached;  // by room id
    std::unique_ptr<Will> will = {};
  };
  using Reader = std::pair<PersonEntry*, std::string>;  // and the name of the consumer; empty: the person's own
  struct Cursor {
    Seq seq;
    WallTime moved_at;
  };
  struct Registration {
    Owner owner;
    std::uint64_t epoch = 0;
    SessionRef session;                     // that registered last in this life of the hub
    std::list<ClientId>::iterator place{};  // among by_age_
  };
  struct RoomEntry {
    RoomId id;
    std::string key;  // its name; for a direct room "@alice+bob", by name
    std::shared_ptr<RoomGauges> gauges;
    Topic topic;
    std::string topic_by;
    WallTime topic_at;
    std::map<std::string, PersonEntry*> members;  // by name
    std::unordered_set<SessionRef> watchers;      // receive its events
    bool durable = false;
    PersonEntry* owner = nullptr;
    std::map<Reader, Cursor> cursors;
    std::map<GroupName, std::uint32_t> plain_groups;  // members of queue groups without acknowledgements
    std::map<GroupName, std::uint32_t> acked_groups;  // and with; these stay without members
    [[nodiscard]] bool direct() const { return key.starts_with('@'); }
  };
  [[nodiscard]] static Seq last_of(const RoomEntry& room) {
    return Seq{room.gauges->last.load(std::memory_order_relaxed)};
  };
  /// Who calls, for the handlers.
  struct Caller {
    SessionRef ref;
    CallId call;
    std::uint64_t question;  ///< see question_of()
    SessionEntry& session;
    PersonEntry& person;
    WallTime now;
  };
  /// The answer is given by somebody else, later.
  struct Later {};
  template <class Reply>
  using Outcome = std::variant<Result<Reply>, Later>;

  // keeping.cpp
  void restore(const Kept& kept);
  void restore_room(const KeptRoom& kept);
  [[nodiscard]] RoomPolicy policy_of(const RoomEntry& room) const;
  void note(Change change);
  void note_unchanged();
  void hold(std::function<void()> telling);
  void commit(std::optional<KeptReply> reply = {});
  void committed();
  void keep_person(PersonEntry& person);
  void forget_person(PersonEntry& person);
  Registration& add_registration(const ClientId& client, const Owner& owner);
  bool forget_oldest_registration();

  // cursors.cpp
  [[nodiscard]] static Seq read_by(const RoomEntry& room, const PersonEntry& person, const std::string& consumer);
  void move_cursor(RoomEntry& room, PersonEntry& person, const std::string& consumer, Seq seq, WallTime now);
  [[nodiscard]] AttachWish wish_for(const Caller& caller, const RoomEntry& room,
                                    const proto::RoomSubscribe& call) const;
  [[nodiscard]] static std::size_t count_cursors(const PersonEntry& person);
  void tell_read(const RoomEntry& room, const Caller& caller, Seq seq);

  // people.cpp
  Result<PersonEntry*> person_for(const Greeting& greeting, WallTime now);
  Result<PersonEntry*> add_person(PersonName name, Owner owner, bool verified);
  static bool is_idle_stranger(const PersonEntry& person);
  void forget_idle_strangers();
  void reclaim_name(PersonEntry& person, WallTime now);
  PersonName free_guest_name();
  [[nodiscard]] static proto::Person describe(const PersonEntry& person);
  void tell_presence(const PersonEntry& person, WallTime now, proto::EventKind kind, const Topic& text);
  void tell_room(const RoomEntry& room, proto::Event event);

  // rooms.cpp
  Result<RoomEntry*> open(const RoomName& name, PersonEntry& who);
  Result<RoomEntry*> open_direct(const PersonName& other, PersonEntry& who);
  RoomEntry* find(const RoomName& name, const PersonEntry& who);
  RoomEntry& add_room(std::string key, PersonEntry* owner, bool at_least_durable = false);
  [[nodiscard]] static RoomName name_for(const RoomEntry& room, const PersonEntry& who);
  static std::string direct_key(const PersonName& one, const PersonName& other);
  void attach_existing_patterns(RoomEntry& room);
  void attach_new(SessionRef ref, SessionEntry& session, RoomEntry& room, const Subscription& how, AttachWish wish,
                  std::vector<RoomToAttach>& to_attach);
  void add_member(RoomEntry& room, PersonEntry& who);
  void dissolve(RoomEntry& room);
  [[nodiscard]] static std::size_t joins(const PersonEntry& who);
  [[nodiscard]] static bool holds(const Pattern& pattern, const Attached& attached, const PersonEntry& who);
  struct Hold {
    bool any = false, events = false;
  };
  [[nodiscard]] static Hold hold_on(const SessionEntry& session, const Attached& attached);
  bool let_go(SessionRef ref, const SessionEntry& session, const Attached& attached);
  std::vector<RoomEntry*> matching(const Pattern& pattern, PersonEntry& who);
  bool drop_subscription_entry(const Caller& caller, const Pattern& pattern);
  void drop_subscription(const Caller& caller, const Pattern& pattern);

  /// Root, or the user that the hub runs as.
  [[nodiscard]] bool is_operator(const PersonEntry& person) const;

  // groups.cpp
  struct Grave {
    RoomId room;
    GroupName group;
    Seq seq;
  };
  [[nodiscard]] static Result<void> check_acks(const proto::RoomSubscribe& call);
  [[nodiscard]] Result<void> check_group(const RoomEntry& room, const Subscription& how, std::size_t& made) const;
  [[nodiscard]] static bool may_have_acks(const RoomEntry& room, bool by_name);
  void enter_group(RoomEntry& room, const GroupName& group, bool acked);
  void leave_group(const Attached& attached);
  Result<RoomId> open_dead(const RoomEntry& room);
  /// Whose dead a room of that name keeps. Nothing if it keeps nobody's.
  [[nodiscard]] const RoomEntry* room_of_dead(std::string_view name) const;
  void buried(CallId id, const StoredReply& reply);

  // messages.cpp
  /// What somebody says by a call, once that is known to be within the rules.
  static Result<PostedByCall> message_from(const PersonEntry& from, proto::Kind kind, bool retain,
                                           const proto::Headers& headers, std::string_view body);

  // One for each method of proto::Methods.
  Outcome<proto::RoomOpen::Reply> handle(const Caller&, const proto::RoomOpen&);
  Outcome<proto::RoomJoin::Reply> handle(const Caller&, const proto::RoomJoin&);
  Outcome<proto::Done> handle(const Caller&, const proto::RoomLeave&);
  Outcome<proto::RoomPost::Reply> handle(const Caller&, const proto::RoomPost&);
  Outcome<proto::RoomSubscribe::Reply> handle(const Caller&, const proto::RoomSubscribe&);
  Outcome<proto::Done> handle(const Caller&, const proto::RoomUnsubscribe&);
  Outcome<proto::RoomHistory::Reply> handle(const Caller&, const proto::RoomHistory&);
  Outcome<proto::RoomNext::Reply> handle(const Caller&, const proto::RoomNext&);
  Outcome<proto::RoomTrace::Reply> handle(const Caller&, const proto::RoomTrace&);
  Outcome<proto::RoomTopic::Reply> handle(const Caller&, const proto::RoomTopic&);
  Outcome<proto::Done> handle(const Caller&, const proto::RoomSetTopic&);
  Outcome<proto::RoomMembers::Reply> handle(const Caller&, const proto::RoomMembers&);
  Outcome<proto::RoomList::Reply> handle(const Caller&, const proto::RoomList&);
  Outcome<proto::RoomSearch::Reply> handle(const Caller&, const proto::RoomSearch&);
  Outcome<proto::RoomLag::Reply> handle(const Caller&, const proto::RoomLag&);
  Outcome<proto::RoomRedact::Reply> handle(const Caller&, const proto::RoomRedact&);
  Outcome<proto::RoomPins::Reply> handle(const Caller&, const proto::RoomPins&);
  Outcome<proto::CursorSet::Reply> handle(const Caller&, const proto::CursorSet&);
  Outcome<proto::CursorList::Reply> handle(const Caller&, const proto::CursorList&);
  Outcome<proto::Done> handle(const Caller&, const proto::CursorForget&);
  Outcome<proto::GroupList::Reply> handle(const Caller&, const proto::GroupList&);
  Outcome<proto::Done> handle(const Caller&, const proto::GroupForget&);
  Outcome<proto::LaterPost::Reply> handle(const Caller&, const proto::LaterPost&);
  Outcome<proto::LaterList::Reply> handle(const Caller&, const proto::LaterList&);
  Outcome<proto::Done> handle(const Caller&, const proto::LaterCancel&);
  Outcome<proto::Done> handle(const Caller&, const proto::SessionWill&);
  Outcome<proto::ProducerRegister::Reply> handle(const Caller&, const proto::ProducerRegister&);
  Outcome<proto::HubDump::Reply> handle(const Caller&, const proto::HubDump&);
  Outcome<proto::PeopleWho::Reply> handle(const Caller&, const proto::PeopleWho&);
  Outcome<proto::Done> handle(const Caller&, const proto::PeopleAway&);
  Outcome<proto::Done> handle(const Caller&, const proto::PeopleRename&);
  Outcome<proto::Done> handle(const Caller&, const proto::PeopleTyping&);
  Outcome<proto::HubPing::Reply> handle(const Caller&, const proto::HubPing&);
  Outcome<proto::HubInfo::Reply> handle(const Caller&, const proto::HubInfo&);
  Outcome<proto::HubMethods::Reply> handle(const Caller&, const proto::HubMethods&);
  Outcome<proto::Done> handle(const Caller&, const proto::ServiceOffer&);
  Outcome<proto::Done> handle(const Caller&, const proto::ServiceWithdraw&);
  Outcome<proto::ServiceList::Reply> handle(const Caller&, const proto::ServiceList&);

  // later.cpp
  void look_later_soon();
  void look_later(WallTime now);
  void look_later_again();
  void found_later(Result<LaterFound> found);
  void post_later(LaterAdded message);
  RoomEntry* room_for_later(const LaterAdded& message);
  void settled_later(LaterId later);
  void cancel_later(SessionRef ref, const KeptReply& reply, const Owner& owner, const LaterFound& found);
  void list_later(SessionRef ref, CallId call, LaterFound found);
  [[nodiscard]] proto::LaterMessage show_later(const LaterAdded& message, const PersonEntry& who) const;

  // wills.cpp
  void give_up_will(SessionEntry& session);
  void begin_grace(SessionRef ref, SessionEntry& session);
  void take_back_wills(const ClientId& client, const Owner& owner);
  void post_will(LaterId id);
  void posted_will(LaterId id, LaterOutcome outcome);

  // services.cpp
  void call_service(const Caller& caller, const MethodName& method, std::string_view arguments,
                    std::uint32_t deadline_ms);
  bool begin_service_call(const Caller& caller, std::string_view arguments);
  void tell(Services::Effects effects);
  [[nodiscard]] static ExactCalls::Key exact_key(const ClientId& client, CallId call);

  // exact_calls.cpp
  void call_exactly(const Caller& caller, const MethodName& method, const proto::ServiceCall& call);
  void looked_up(const ExactCalls::Key& key, const Result<std::optional<KeptAnswer>>& found);
  bool wake_exact_calls(SessionRef provider);
  void give_exact_calls_soon();
  void give_exact_calls(WallTime now, std::optional<SessionRef> provider = {});
  void settle_exactly(const ExactCalls::Key& key, StoredReply reply, bool done);
  bool give_up_exactly(const ClientId& client, SessionRef ref, CallId id, const Error& why);
  void tell_askers(const std::vector<SessionRef>& askers, CallId call, const StoredReply& reply);

  // dispatch.cpp
  template <class Method>
  void answer(const Caller& caller, StoredReply reply);
  bool begin(const Caller& caller);
  using MethodTable = std::unordered_map<std::string_view, void (Directory::*)(const Caller&, std::string_view)>;
  static const MethodTable& methods();
  template <class Method>
  void run(const Caller& caller, std::string_view arguments);
  template <class... Methods>
  static MethodTable table_of(const std::tuple<Methods...>*);

  Config::Limits limits_;
  DirectoryOutlet& outlet_;
  ReplyCache replies_;
  ReplyCache service_replies_;
  Services services_;
  ExactCalls exact_calls_;
  bool gives_exact_calls_ = false;                                // soon
  std::map<std::pair<SessionRef, CallId>, ClientId> unanswered_;  // calls with an effect
  std::map<std::string, std::unique_ptr<PersonEntry>> people_;    // by name
  std::unordered_map<SessionRef, SessionEntry> sessions_;
  std::map<std::string, std::unique_ptr<RoomEntry>> rooms_;  // by key
  std::unordered_map<ClientId, Registration> registrations_;
  std::list<ClientId> by_age_;         // of registrations, the one that was made longest ago first
  std::uint64_t forgotten_epoch_ = 0;  // no registration that was forgotten had a later one
  std::unordered_map<RoomId, RoomEntry*> rooms_by_id_;
  std::size_t acked_groups_ = 0;    // of all rooms
  std::map<CallId, Grave> graves_;  // messages on their way to the dead
  std::uint64_t graves_made_ = 0;
  PatternIndex patterns_;
  std::vector<RoomRule> rules_;
  LaterPlan later_;
  const bool keeps_;                                        // there is a store
  bool holding_ = false;                                    // a call that changes something is being handled
  std::vector<Change> changes_;                             // of what is being handled
  bool keeps_reply_ = false;                                // of what is being handled, if it is a call
  std::vector<std::function<void()>> held_;                 // to be told once they are kept
  std::deque<std::vector<std::function<void()>>> waiting_;  // what each change that isn't committed yet holds up
  std::map<Owner, std::size_t> later_count_;
  LaterId last_later_;            // that was given out; wills, which are nowhere kept, take theirs from here too
  std::uint64_t later_look_ = 0;  // the newest timer; others count for nothing
  bool later_look_is_soon_ = false, later_waits_ = false;
  std::unordered_map<std::uint64_t, Will> vanished_;  // by LaterId: those whose grace runs, or that are being posted
  std::unordered_multimap<ClientId, LaterId> graces_;
  std::size_t wills_bytes_ = 0;
  bool stopping_ = false;
  std::uint32_t next_room_id_ = 1;
  std::uint64_t guests_ = 0;
};

}  // namespace hubbub::server
