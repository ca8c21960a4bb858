#include "server/core/directory_outlet.hpp"

#include <unistd.h>

#include "server/core/core.hpp"

namespace hubbub::server {

void CoresOutlet::send(const std::vector<SessionRef>& sessions, std::string frames) {
  std::vector<std::vector<SessionRef>> by_core(core_.core_count());
  for (const auto ref : sessions) by_core[ref.core].push_back(ref);
  for (unsigned index = 0; index < by_core.size(); ++index) {
    if (by_core[index].empty()) continue;
    core_.on_core(index, [there = std::move(by_core[index]), frames](Core& core) {
      for (const auto ref : there)
        if (auto* const session = core.find(ref)) session->tell_event(frames);
    });
  }
}

void CoresOutlet::reply(SessionRef ref, CallId call, Status status, std::string result) {
  core_.on_session(
      ref, [call, status, result = std::move(result)](Session& session) { session.answer(call, status, result); });
}

void CoresOutlet::invoke(SessionRef provider, InvocationId id, std::string frame) {
  core_.on_session(provider, [id, frame = std::move(frame)](Session& session) { session.invoke(id, frame); });
}

void CoresOutlet::revoke(SessionRef provider, std::string frame) {
  core_.on_session(provider, [frame = std::move(frame)](Session& session) { session.tell_frames(frame); });
}

void CoresOutlet::close(SessionRef ref, proto::CloseReason reason) {
  core_.on_session(ref, [reason](Session& session) { session.close(reason); });
}

void CoresOutlet::welcome(SessionRef ref, const PersonName& name, bool verified) {
  core_.on_session(ref, [name, verified](Session& session) { session.welcome(name, verified); });
}

void CoresOutlet::renamed(SessionRef ref, const PersonName& name) {
  core_.on_session(ref, [name](Session& session) { session.renamed(name); });
}

void CoresOutlet::open_room(RoomId room, std::shared_ptr<RoomGauges> gauges) {
  core_.on_core(core_.home_of(room),
                [room, gauges = std::move(gauges)](Core& home) { home.home().open(room, gauges); });
}

void CoresOutlet::open_durable_room(KeptRoom kept, RoomPolicy policy, std::shared_ptr<RoomGauges> gauges) {
  const auto core = core_.home_of(kept.id);
  core_.on_core(core, [kept = std::move(kept), policy, gauges = std::move(gauges)](Core& home) mutable {
    home.home().open_durable(kept, policy, std::move(gauges));
  });
}

void CoresOutlet::set_policy(RoomId room, RoomPolicy policy) {
  core_.on_core(core_.home_of(room), [room, policy](Core& home) { home.home().set_policy(room, policy); });
}

void CoresOutlet::registered(SessionRef ref, std::uint64_t epoch) {
  core_.on_session(ref, [epoch](Session& session) { session.registered(epoch); });
}

void CoresOutlet::fence(SessionRef ref) {
  core_.on_session(ref, [](Session& session) { session.fence(); });
}

void CoresOutlet::change(Changes changes, std::function<void()> committed) {
  core_.hub().store->change(core_.index(), std::move(changes), std::move(committed));
}

void CoresOutlet::after(std::chrono::milliseconds wait, std::function<void(WallTime now)> then) {
  auto timer = std::make_unique<asio::steady_timer>(core_.loop(), wait);
  auto& waiting = *timer;
  waiting.async_wait([timer = std::move(timer), then = std::move(then), &core = core_](std::error_code error) {
    if (error) return;
    then(core.wall_now());
    core.need_tick();
  });
}

void CoresOutlet::find_answer(const ClientId& client, CallId call,
                              std::function<void(Result<std::optional<KeptAnswer>>)> then) {
  core_.hub().store->find_answer(core_.index(), client, call, std::move(then));
}

void CoresOutlet::search(SearchWish wish, std::function<void(Result<SearchFound>)> then) {
  auto* const store = core_.hub().store;
  if (store == nullptr)
    return then(fail(Status::failed_precondition, "this hub keeps nothing, so there is nothing to search (hub.data)"));
  store->search(core_.index(), std::move(wish), std::move(then));
}

bool CoresOutlet::is_operator(unsigned uid) const { return uid == 0 || uid == ::geteuid(); }

void CoresOutlet::dump(std::function<void(Result<proto::HubDump::Reply>)> then) { core_.hub().dump(std::move(then)); }

void CoresOutlet::admit(SessionRef ref, RoomId room) {
  core_.on_session(ref, [room](Session& session) { session.admit(room); });
}

void CoresOutlet::attach(SessionRef ref, CallId call, std::size_t matched, std::vector<RoomToAttach> rooms) {
  core_.on_session(
      ref, [call, matched, rooms = std::move(rooms)](Session& session) { session.attach_all(call, matched, rooms); });
}

void CoresOutlet::detach(SessionRef ref, std::vector<RoomId> rooms) {
  core_.on_session(ref, [rooms = std::move(rooms)](Session& session) {
    for (const auto room : rooms) session.core().fanout().detach(session, room);
  });
}

void CoresOutlet::post(SessionRef session, CallId call, RoomId id, PostedByCall message) {
  core_.at_home(id, [session, call, id, message = std::move(message)](Room&, Core& home) {
    const Origin origin{session, message.client, message.from.str(), message.verified};
    home.home().post(id, origin, {call, message.question},
                     {id, {}, message.flags, message.kind, message.headers, message.body});
  });
}

void CoresOutlet::post_later(RoomId id, LaterId later, PostedByCall message) {
  core_.on_core(
      core_.home_of(id),
      [id, later, message = std::move(message)](Core& home) {
        const Origin origin{{}, message.client, message.from.str(), message.verified};
        home.home().post_later(id, origin, later, {id, {}, message.flags, message.kind, message.headers, message.body});
      },
      message.headers.size() + message.body.size());
}

void CoresOutlet::later(LaterWish wish, std::function<void(Result<LaterFound>)> then) {
  core_.hub().store->later(core_.index(), std::move(wish), std::move(then));
}

void CoresOutlet::history(SessionRef session, CallId call, RoomId id, Seq before, std::uint16_t limit) {
  core_.at_home(id, [=](Room& room, Core&) { room.history(session, call, before, limit); });
}

void CoresOutlet::redact(SessionRef session, CallId call, RoomId id, Redaction wish, PostedByCall message) {
  core_.at_home(id, [=, wish = std::move(wish), message = std::move(message)](Room&, Core& home) {
    home.home().redact(id, session, call, wish, message);
  });
}

void CoresOutlet::pins(SessionRef session, CallId call, RoomId id) {
  core_.at_home(id, [=](Room& room, Core&) { room.pins(session, call); });
}

void CoresOutlet::wait_for_next(SessionRef session, CallId call, RoomId id, Seq after) {
  core_.at_home(id, [=](Room&, Core& home) { home.home().wait_for_next(id, session, call, after); });
}

void CoresOutlet::trace(SessionRef session, CallId call, RoomId id, Seq seq) {
  core_.at_home(id, [=](Room&, Core& home) { home.home().trace(id, session, call, seq); });
}

void CoresOutlet::list_groups(SessionRef session, CallId call, RoomId id) {
  core_.at_home(id, [=](Room&, Core& home) { home.home().list_groups(id, session, call); });
}

void CoresOutlet::forget_group(SessionRef session, RoomId id, GroupName group, KeptReply reply) {
  core_.at_home(id, [session, id, group = std::move(group), reply = std::move(reply)](Room&, Core& home) {
    home.home().forget_group(id, session, group, reply);
  });
}

void CoresOutlet::bury(CallId id, RoomId dead, DeadLetter letter, PersonName from, bool verified) {
  core_.at_home(dead, [id, dead, letter = std::move(letter), from = std::move(from), verified](Room&, Core& home) {
    const Origin origin{{}, {}, from.str(), verified, 0, false, {}, true};
    home.home().post(dead, origin, {id}, {dead, {}, 0, letter.kind, letter.headers, letter.body});
  });
}

void CoresOutlet::buried(RoomId id, GroupName group, Seq seq, bool is_kept) {
  core_.at_home(
      id, [group = std::move(group), seq, is_kept](Room& room, Core&) { room.acked().buried(group, seq, is_kept); });
}

HubFigures CoresOutlet::figures() const {
  HubFigures sum;
  sum.cores = core_.core_count();
  const auto up = std::chrono::steady_clock::now() - core_.hub().started;
  sum.uptime_s = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(up).count());
  for (const auto& core : core_.hub().cores) {
    sum.published += core->figures().published.load(std::memory_order_relaxed);
    sum.delivered += core->figures().delivered.load(std::memory_order_relaxed);
  }
  return sum;
}

}  // namespace hubbub::server
