// From a call on the wire to a handler and back: the table of methods, made from proto::Methods.
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

template <class Method>
void Directory::run(const Caller& caller, std::string_view arguments) {
  const auto method = proto::decode_value<Method>(arguments);
  if (!method) {
    const auto sentence = "the arguments of " + std::string(Method::name) + " could not be understood";
    return finished(caller.ref, caller.call, {Status::invalid_argument, sentence});
  }
  holding_ = true;
  auto outcome = handle(caller, *method);
  if (std::holds_alternative<Later>(outcome)) return commit({}, {});
  const auto& result = std::get<0>(outcome);
  if (!result) return answer<Method>(caller, {result.error().status, result.error().sentence});
  StoredReply reply;
  proto::encode_value(*result, reply.result);
  answer<Method>(caller, std::move(reply));
}

/// Once what the call has changed is kept, and the reply with it.
template <class Method>
void Directory::answer(const Caller& caller, StoredReply reply) {
  std::optional<KeptReply> kept;
  if (Method::changes && !changes_.empty())
    kept = KeptReply{caller.session.client, caller.call, reply.status, reply.result};
  commit(std::move(kept),
         [this, ref = caller.ref, call = caller.call, reply = std::move(reply)] { finished(ref, call, reply); });
}

template <class... Methods>
Directory::MethodTable Directory::table_of(const std::tuple<Methods...>*) {
  return {{Methods::name, MethodRow{Methods::changes, &Directory::run<Methods>}}...};
}

const Directory::MethodTable& Directory::methods() {
  static const MethodTable table = table_of(static_cast<const proto::Methods*>(nullptr));
  return table;
}

void Directory::call(SessionRef ref, CallId id, const MethodName& method, std::string_view arguments, WallTime now) {
  const auto session = sessions_.find(ref);
  if (session == sessions_.end()) return;  // it ended while the call was on its way
  auto& person = *session->second.person;
  person.active_at = now;
  const auto row = methods().find(method.str());
  if (row == methods().end())
    return outlet_.reply(ref, id, Status::unimplemented,
                         "this hub has no method " + method.str() + "; hub.methods lists those it has");
  if (row->second.changes) {
    const auto& client = session->second.client;
    if (!outlet_.trouble().empty() && !replies_.knows(client, id))
      return outlet_.reply(ref, id, Status::unavailable, outlet_.trouble());
    switch (replies_.begin(client, id, ref)) {
      case ReplyCache::Begun::running: return;
      case ReplyCache::Begun::done: {
        const auto& stored = replies_.stored(client, id);
        return outlet_.reply(ref, id, stored.status, stored.result);
      }
      case ReplyCache::Begun::fresh: break;
    }
    unanswered_.emplace(std::pair(ref, id), client);
  }
  (this->*row->second.run)(Caller{ref, id, session->second, person, now}, arguments);
}

void Directory::finished(SessionRef ref, CallId id, StoredReply reply) {
  std::optional<SessionRef> asker;
  // By what was noted: its session may have ended, its client come back.
  if (const auto waited = unanswered_.extract(std::pair(ref, id))) {
    asker = replies_.finish(waited.mapped(), id, reply);
    const bool may_pass = reply.status == Status::unavailable || reply.status == Status::resource_exhausted;
    if (may_pass) replies_.forget(waited.mapped(), id);  // the call sent again is tried again
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

Directory::Outcome<proto::HubDump::Reply> Directory::handle(const Caller& caller, const proto::HubDump&) {
  const auto* const uid = std::get_if<unsigned>(&caller.person.owner);
  if (uid == nullptr || !outlet_.is_operator(*uid))
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
