// From a call on the wire to a handler and back: the table of methods, made from proto::Methods.
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

/// Sent again, it must not take effect again.
template <class Method>
bool is_remembered(const Method&) {
  return Method::changes;
}

/// Forward it goes as far as the furthest call, however often that comes; and there are so many that the replies of
/// others would soon be forgotten.
bool is_remembered(const proto::CursorSet& method) { return method.back; }

/// A call that was answered so is tried again when it is sent again.
bool may_pass(Status status) { return status == Status::unavailable || status == Status::resource_exhausted; }

}  // namespace

template <class Method>
void Directory::run(const Caller& caller, std::string_view arguments) {
  const auto method = proto::decode_value<Method>(arguments);
  if (!method) {
    const auto sentence = "the arguments of " + std::string(Method::name) + " could not be understood";
    return finished(caller.ref, caller.call, {Status::invalid_argument, sentence});
  }
  if (Method::changes && !outlet_.trouble().empty() && !replies_.knows(caller.session.client, caller.call))
    return outlet_.reply(caller.ref, caller.call, Status::unavailable, outlet_.trouble());
  if (is_remembered(*method) && !begin(caller)) return;
  holding_ = true;
  auto outcome = handle(caller, *method);
  if (std::holds_alternative<Later>(outcome)) return commit();
  const auto& result = std::get<0>(outcome);
  if (!result) return answer<Method>(caller, {result.error().status, result.error().sentence});
  StoredReply reply;
  proto::encode_value(*result, reply.result);
  answer<Method>(caller, std::move(reply));
}

/// A call that may change something is answered once that is kept, and the reply with it; so is one that found
/// everything changed already, perhaps by a call before it. Who only looks doesn't wait.
template <class Method>
void Directory::answer(const Caller& caller, StoredReply reply) {
  std::optional<KeptReply> kept;
  if (keeps_reply_ && !may_pass(reply.status) && unanswered_.contains({caller.ref, caller.call}))
    kept = KeptReply{caller.session.client, caller.call, reply.status, reply.result, caller.question};
  const bool waits = Method::changes || !changes_.empty();
  const auto tell = [this, ref = caller.ref, call = caller.call, reply = std::move(reply)] {
    finished(ref, call, reply);
  };
  if (waits) hold(tell);
  commit(std::move(kept));
  if (!waits) tell();
}

template <class... Methods>
Directory::MethodTable Directory::table_of(const std::tuple<Methods...>*) {
  return {{Methods::name, &Directory::run<Methods>}...};
}

const Directory::MethodTable& Directory::methods() {
  static const MethodTable table = table_of(static_cast<const proto::Methods*>(nullptr));
  return table;
}

void Directory::call(SessionRef ref, CallId id, const MethodName& method, std::string_view arguments, WallTime now,
                     std::uint32_t deadline_ms) {
  const auto session = sessions_.find(ref);
  if (session == sessions_.end()) return;  // it ended while the call was on its way
  auto& person = *session->second.person;
  person.active_at = now;
  const Caller caller{ref, id, question_of(method.str(), arguments), session->second, person, now};
  const auto row = methods().find(method.str());
  if (row != methods().end()) return (this->*row->second)(caller, arguments);
  if (!proto::is_of_service(method.str()))
    return outlet_.reply(ref, id, Status::unimplemented,
                         "this hub has no method " + method.str() + "; hub.methods lists those it has");
  call_service(caller, method, arguments, deadline_ms);
}

/// False if the call is not to run: it does already, or has been and is answered as then, or its id is another's.
bool Directory::begin(const Caller& caller) {
  const auto& client = caller.session.client;
  const auto begun = replies_.begin(client, caller.call, caller.question, caller.ref);
  if (begun == ReplyCache::Begun::done) {
    const auto& stored = replies_.stored(client, caller.call);
    outlet_.reply(caller.ref, caller.call, stored.status, stored.result);
  }
  if (begun == ReplyCache::Begun::another)
    outlet_.reply(caller.ref, caller.call, Status::already_exists, "this id was given to another call; take a new one");
  if (begun != ReplyCache::Begun::fresh) return false;
  unanswered_.emplace(std::pair(caller.ref, caller.call), client);
  return true;
}

void Directory::finished(SessionRef ref, CallId id, StoredReply reply) {
  if (ref == SessionRef{}) return buried(id, reply);
  std::optional<SessionRef> asker;
  // By what was noted: its session may have ended, its client come back.
  if (const auto waited = unanswered_.extract(std::pair(ref, id))) {
    asker = replies_.finish(waited.mapped(), id, reply);
    if (may_pass(reply.status)) replies_.forget(waited.mapped(), id);
  }
  outlet_.reply(asker.value_or(ref), id, reply.status, std::move(reply.result));
}

Directory::Outcome<proto::HubPing::Reply> Directory::handle(const Caller& caller, const proto::HubPing&) {
  return proto::HubPing::Reply{caller.now};
}

Directory::Outcome<proto::HubInfo::Reply> Directory::handle(const Caller&, const proto::HubInfo&) {
  const auto figures = outlet_.figures();
  proto::HubInfo::Reply reply;
  reply.version = Text::literal(HUBBUB_VERSION);
  reply.uptime_s = figures.uptime_s;
  reply.cores = figures.cores;
  reply.sessions = static_cast<std::uint32_t>(sessions());
  reply.people = static_cast<std::uint32_t>(people());
  reply.rooms = static_cast<std::uint32_t>(rooms());
  reply.published = figures.published;
  reply.delivered = figures.delivered;
  reply.trouble = Text::literal(outlet_.trouble());
  return reply;
}

bool Directory::is_operator(const PersonEntry& person) const {
  const auto* const uid = std::get_if<unsigned>(&person.owner);
  return uid != nullptr && outlet_.is_operator(*uid);
}

Directory::Outcome<proto::HubDump::Reply> Directory::handle(const Caller& caller, const proto::HubDump&) {
  if (!is_operator(caller.person))
    return fail(
        Status::permission_denied,
        "only the hub's operator may: root or the user that it runs as, over its UNIX socket; or send it SIGUSR2");
  outlet_.dump([this, ref = caller.ref, call = caller.call](Result<proto::HubDump::Reply> dumped) {
    if (!dumped) return finished(ref, call, {dumped.error().status, dumped.error().sentence});
    StoredReply reply;
    proto::encode_value(*dumped, reply.result);
    finished(ref, call, std::move(reply));
  });
  return Later{};
}

namespace {

template <class... Methods>
std::vector<proto::MethodInfo> describe_all(const std::tuple<Methods...>*) {
  return {{Text::literal(Methods::name), Text::literal(Methods::help)}...};
}

}  // namespace

Directory::Outcome<proto::HubMethods::Reply> Directory::handle(const Caller&, const proto::HubMethods&) {
  return proto::HubMethods::Reply{describe_all(static_cast<const proto::Methods*>(nullptr))};
}

}  // namespace hubbub::server
