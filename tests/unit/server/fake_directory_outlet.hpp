// Everything that the directory causes elsewhere, kept for a test to look at; and a directory to talk to.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/dispatch/directory.hpp"

namespace hubbub::server {

class FakeDirectoryOutlet final : public DirectoryOutlet {
 public:
  struct Answer {
    SessionRef session;
    CallId call;
    Status status;
    std::string result;
  };
  struct Welcomed {
    std::string name;
    bool verified;
    bool operator==(const Welcomed&) const = default;
  };
  struct Invoked {
    SessionRef provider;
    InvocationId id;
    std::string method;
    std::uint32_t deadline_ms;
    ClientId client;
    CallId call;
    std::string arguments;
    std::uint16_t attempt;
  };
  struct Post {
    SessionRef session;
    CallId call;
    RoomId room;
    PostedByCall message;
  };

  void send(const std::vector<SessionRef>& sessions, std::string frames) override {
    const auto event = proto::decode_value<proto::Event>(std::string_view(frames).substr(proto::frame_header_bytes));
    for (const auto session : sessions) events[session].push_back(event.value());
  }
  void reply(SessionRef session, CallId call, Status status, std::string result) override {
    replies.push_back({session, call, status, std::move(result)});
  }
  void invoke(SessionRef provider, InvocationId id, std::string frame) override {
    const auto invoke = proto::decode_value<proto::Invoke>(std::string_view(frame).substr(proto::frame_header_bytes));
    EXPECT_EQ(invoke.value().id, id);
    invoked.push_back({provider, id, invoke->method.str(), invoke->deadline_ms, invoke->client, invoke->call,
                       std::string(invoke->arguments.bytes), invoke->attempt});
  }
  void revoke(SessionRef provider, std::string frame) override {
    const auto revoke = proto::decode_value<proto::Revoke>(std::string_view(frame).substr(proto::frame_header_bytes));
    revoked.emplace_back(provider, revoke.value().id);
  }
  void close(SessionRef session, proto::CloseReason reason) override { closed[session] = reason; }
  void welcome(SessionRef session, const PersonName& name, bool verified) override {
    welcomed[session] = {name.str(), verified};
  }
  void renamed(SessionRef session, const PersonName& name) override { welcomed[session].name = name.str(); }
  void open_room(RoomId room, std::shared_ptr<RoomGauges> gauges) override { opened[room.value] = std::move(gauges); }
  void open_durable_room(KeptRoom kept, RoomPolicy policy, std::shared_ptr<RoomGauges> gauges) override {
    gauges->last = kept.last.value;
    gauges->first = kept.first_kept.value;
    opened[kept.id.value] = std::move(gauges);
    policies[kept.id.value] = policy;
  }
  void set_policy(RoomId room, RoomPolicy policy) override { policies[room.value] = policy; }
  void registered(SessionRef session, std::uint64_t epoch) override { epochs[session] = epoch; }
  void fence(SessionRef session) override { fenced.insert(session); }
  void change(Changes changes, std::function<void()> committed) override {
    changed.push_back(std::move(changes));
    committing.push_back(std::move(committed));
    if (commits_at_once) commit();
  }
  [[nodiscard]] const std::string& trouble() const override { return disk_trouble; }
  void after(std::chrono::milliseconds wait, std::function<void(WallTime)> then) override {
    timers.emplace_back(wait, std::move(then));
  }
  /// Those that are due by then, and what comes of them at once.
  void run_timers(std::chrono::milliseconds until, WallTime now) {
    for (bool any = true; std::exchange(any, false);) {
      for (auto& timer : std::exchange(timers, {})) {
        if (timer.first <= until)
          timer.second(now), any = true;
        else
          timers.push_back(std::move(timer));
      }
      until = {};
    }
  }
  /// In what was committed.
  void find_answer(const ClientId& client, CallId call,
                   std::function<void(Result<std::optional<KeptAnswer>>)> then) override {
    std::optional<KeptAnswer> answer;
    std::uint64_t question = 0;
    for (std::size_t i = 0; i + committing.size() < changed.size(); ++i)
      for (const auto& change : changed[i].list) {
        const auto* const given = std::get_if<CallGiven>(&change);
        const auto* const answered = std::get_if<CallAnswered>(&change);
        if (given != nullptr && given->client == client && given->call == call) question = given->question;
        if (answered != nullptr && answered->client == client && answered->call == call)
          answer = {question, answered->status, answered->result};
      }
    looking_up.push_back([then = std::move(then), answer] { then(answer); });
    if (looks_up_at_once) look_up();
  }
  void look_up() {
    for (auto& found : std::exchange(looking_up, {})) found();
  }
  void search(SearchWish wish, std::function<void(Result<SearchFound>)> then) override {
    searches.push_back(std::move(wish));
    searching = std::move(then);
  }
  [[nodiscard]] bool is_operator(unsigned uid) const override { return uid == 0; }
  void dump(std::function<void(Result<proto::HubDump::Reply>)> then) override { dumping = std::move(then); }
  /// All that was given to the store is kept.
  void commit() {
    for (auto& committed : std::exchange(committing, {})) committed();
  }
  void redact(SessionRef session, CallId call, RoomId room, Redaction wish, PostedByCall message) override {
    redactions.push_back(std::move(wish));
    asked.push_back({session, call, room, std::move(message)});
  }
  void pins(SessionRef session, CallId call, RoomId room) override { asked.push_back({session, call, room, {}}); }
  void admit(SessionRef session, RoomId room) override { admitted[session].insert(room.value); }
  void attach(SessionRef session, CallId call, std::size_t matched, std::vector<RoomToAttach> rooms) override {
    for (auto& room : rooms) {
      EXPECT_TRUE(attached[session].emplace(room.id.value, room.name.str()).second) << "attached twice";
      wishes.push_back(std::move(room.wish));
    }
    if (call.value == 0) return;
    std::string result;
    proto::encode_value(proto::RoomSubscribe::Reply{static_cast<std::uint32_t>(matched)}, result);
    replies.push_back({session, call, Status::ok, std::move(result)});
  }
  void detach(SessionRef session, std::vector<RoomId> rooms) override {
    for (const auto room : rooms) EXPECT_EQ(attached[session].erase(room.value), 1u) << "detached what it didn't have";
  }
  void post(SessionRef session, CallId call, RoomId room, PostedByCall message) override {
    posts.push_back({session, call, room, std::move(message)});
  }
  void post_later(RoomId room, LaterId later, PostedByCall message) override {
    posted_later.push_back({room, later, std::move(message)});
  }
  void later(LaterWish wish, std::function<void(Result<LaterFound>)> then) override {
    later_asked.emplace_back(std::move(wish), std::move(then));
  }
  void history(SessionRef session, CallId call, RoomId room, Seq, std::uint16_t) override {
    asked.push_back({session, call, room, {}});
  }
  void wait_for_next(SessionRef session, CallId call, RoomId room, Seq) override {
    asked.push_back({session, call, room, {}});
  }
  void trace(SessionRef session, CallId call, RoomId room, Seq) override { asked.push_back({session, call, room, {}}); }
  void list_groups(SessionRef session, CallId call, RoomId room) override {
    asked.push_back({session, call, room, {}});
  }
  void forget_group(SessionRef session, RoomId room, GroupName group, KeptReply reply) override {
    forgotten_groups.emplace_back(room, group.str());
    replies.push_back({session, reply.call, reply.status, reply.result});
  }
  struct Buried {
    CallId id;
    RoomId dead;
    DeadLetter letter;
    std::string from;
  };
  void bury(CallId id, RoomId dead, DeadLetter letter, PersonName from, bool) override {
    burying.push_back({id, dead, std::move(letter), from.str()});
  }
  void buried(RoomId room, GroupName group, Seq seq, bool is_kept) override {
    settled_burials.emplace_back(room, group.str(), seq.value, is_kept);
  }
  [[nodiscard]] HubFigures figures() const override {
    return {.uptime_s = 60, .published = 7, .delivered = 8, .cores = 2};
  }

  std::map<SessionRef, std::vector<proto::Event>> events;
  std::vector<Answer> replies;
  std::vector<Invoked> invoked;
  std::vector<std::pair<SessionRef, InvocationId>> revoked;
  std::map<SessionRef, proto::CloseReason> closed;
  std::map<SessionRef, Welcomed> welcomed;
  std::map<std::uint32_t, std::shared_ptr<RoomGauges>> opened;
  std::map<SessionRef, std::set<std::uint32_t>> admitted;
  std::map<SessionRef, std::map<std::uint32_t, std::string>> attached;  // room → the name it was attached under
  std::vector<AttachWish> wishes;
  std::vector<Post> posts, asked;
  struct Later {
    RoomId room;
    LaterId id;
    PostedByCall message;
  };
  std::vector<Later> posted_later;
  std::deque<std::pair<LaterWish, std::function<void(Result<LaterFound>)>>> later_asked;
  std::map<std::uint32_t, RoomPolicy> policies;
  std::vector<std::pair<RoomId, std::string>> forgotten_groups;
  std::vector<Buried> burying;
  std::vector<std::tuple<RoomId, std::string, std::uint64_t, bool>> settled_burials;
  std::map<SessionRef, std::uint64_t> epochs;
  std::set<SessionRef> fenced;
  std::vector<Changes> changed;
  std::vector<std::function<void()>> committing;
  bool commits_at_once = true;
  std::string disk_trouble;
  std::vector<std::pair<std::chrono::milliseconds, std::function<void(WallTime)>>> timers;
  std::vector<std::function<void()>> looking_up;
  bool looks_up_at_once = true;
  std::vector<Redaction> redactions;
  std::vector<SearchWish> searches;
  std::function<void(Result<SearchFound>)> searching;
  std::function<void(Result<proto::HubDump::Reply>)> dumping;
};

template <class Id>
Id id_of(std::uint8_t number) {
  Id id;
  id.bytes[0] = number;
  return id;
}

class DirectoryTest : public testing::Test {
 protected:
  explicit DirectoryTest(Config config = {}, const Kept* kept = nullptr) : directory_(config, outlet_, kept) {}

  /// A session of a client that claims `name` (empty: none) and shows the secret number `owner`.
  SessionRef greet(const std::string& name, std::uint8_t owner, std::uint8_t client = 0) {
    const SessionRef session{static_cast<std::uint16_t>(sessions_ % 2), ++sessions_, 1};
    directory_.greet({session, id_of<ClientId>(client == 0 ? owner : client), id_of<OwnerKey>(owner), name, {}, {}},
                     now());
    return session;
  }
  /// A session over a UNIX socket.
  SessionRef greet_proven(const std::string& name, unsigned uid) {
    const SessionRef session{0, ++sessions_, 1};
    directory_.greet({session, id_of<ClientId>(200), id_of<OwnerKey>(200), "", uid, PersonName::literal(name)}, now());
    return session;
  }
  void end(SessionRef session) { directory_.end(session, now()); }

  template <class Method>
  CallId start(SessionRef session, const Method& method, std::optional<CallId> again = {}) {
    const auto id = again.value_or(CallId{++calls_});
    std::string arguments;
    proto::encode_value(method, arguments);
    directory_.call(session, id, MethodName::literal(Method::name), arguments, now());
    return id;
  }
  /// The answer to that call, if it is there.
  template <class Method>
  std::optional<Result<typename Method::Reply>> answer(CallId id) {
    for (const auto& reply : outlet_.replies) {
      if (reply.call != id) continue;
      if (reply.status != Status::ok) return fail(reply.status, reply.result);
      return proto::decode_value<typename Method::Reply>(reply.result).value();
    }
    return std::nullopt;
  }
  template <class Method>
  Result<typename Method::Reply> call(SessionRef session, const Method& method) {
    const auto given = answer<Method>(start(session, method));
    return given ? *given : fail(Status::unknown, "not answered yet");
  }

  // What tests do again and again.
  RoomId open(SessionRef session, std::string_view room) {
    return call(session, proto::RoomOpen{RoomName::literal(room)}).value().id;
  }
  RoomId join(SessionRef session, std::string_view room) {
    return call(session, proto::RoomJoin{RoomName::literal(room)}).value().id;
  }
  Result<proto::RoomSubscribe::Reply> subscribe(SessionRef session, std::string_view pattern, bool events = false,
                                                std::string_view group = {}) {
    return call(session, proto::RoomSubscribe{
                             Pattern::literal(pattern), proto::From::now, {}, GroupName::literal(group), events});
  }
  Result<proto::Done> unsubscribe(SessionRef session, std::string_view pattern) {
    return call(session, proto::RoomUnsubscribe{Pattern::literal(pattern)});
  }
  std::vector<std::string> members(SessionRef session, std::string_view room) {
    const auto reply = call(session, proto::RoomMembers{RoomName::literal(room)}).value();
    std::vector<std::string> names;
    for (const auto& member : reply.members) names.push_back(member.name.str());
    return names;
  }
  proto::Person person(SessionRef asker, std::string_view name) {
    return call(asker, proto::PeopleWho{Text::literal(name)}).value().people.at(0);
  }
  /// The names of the rooms that the session receives.
  std::set<std::string> received(SessionRef session) {
    std::set<std::string> names;
    for (const auto& [id, name] : outlet_.attached[session]) names.insert(name);
    return names;
  }
  /// What the session was told of since it was last asked, as "joined alice", "presence alice online".
  std::vector<std::string> heard(SessionRef session) {
    std::vector<std::string> lines;
    for (const auto& event : std::exchange(outlet_.events[session], {})) {
      auto line = std::string(name_of(event.kind)) + ' ' + event.person.name.str();
      if (event.kind == proto::EventKind::presence) line += ' ' + std::string(name_of(event.person.presence));
      if (!event.text.empty()) line += ": " + event.text.str();
      lines.push_back(std::move(line));
    }
    return lines;
  }
  WallTime now() { return WallTime{++time_}; }

  FakeDirectoryOutlet outlet_;
  Directory directory_;
  std::uint64_t time_ = 1'000, calls_ = 0;
  std::uint32_t sessions_ = 0;
};

}  // namespace hubbub::server
