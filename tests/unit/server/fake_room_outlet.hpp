// Everything that a room tells, kept for a test to look at.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/rooms/room.hpp"
#include "tests/unit/server/slices.hpp"

namespace hubbub::server {

class FakeRoomOutlet final : public RoomOutlet {
 public:
  struct Given {
    SessionRef session;
    std::uint64_t seq;
    bool operator==(const Given&) const = default;
  };
  struct Answer {
    SessionRef session;
    CallId call;
    Status status;
    std::string result;
  };

  void fan_out(const std::vector<std::uint32_t>& subscribers_by_core, const Slice& slice) override {
    subscribers = subscribers_by_core;
    for_each_payload(slice, [&](std::string_view payload) { fanned_out.emplace_back(payload); });
    order.push_back("fan out");
  }
  bool deliver_to(SessionRef session, const GroupName& group, const Slice& slice) override {
    if (full_cores.contains(session.core)) return false;
    for (const auto seq : seqs_in(slice)) given.push_back({session, seq});
    if (on_given) on_given(session, group, slice);
    return true;
  }
  void acknowledge(SessionRef session, const proto::Published& published) override {
    acknowledged.emplace_back(session, published);
    order.push_back("acknowledge");
  }
  void refuse(SessionRef session, const proto::PublishRefused& refused) override {
    refusals.emplace_back(session, refused);
  }
  void reply(SessionRef session, CallId call, Status status, std::string result) override {
    replies.push_back({session, call, status, std::move(result)});
    order.push_back("reply");
  }
  void posted(LaterId later, LaterOutcome outcome) override { posted_later.emplace_back(later, outcome); }
  void report_loss(SessionRef session, const proto::Lost& lost) override { losses.emplace_back(session, lost); }
  void serve_groups_later(RoomId) override { ++asked_to_serve_later; }
  void expire_later(RoomId) override { ++asked_to_expire_later; }
  bool hand_to(const Handing& handing) override {
    if (full_cores.contains(handing.session.core)) return false;
    const auto payload = handing.frame.view().substr(proto::frame_header_bytes);
    const auto sent = proto::decode_value<proto::Handed>(payload);
    const auto delivery = proto::decode_value<proto::Delivery>(sent.value().delivery.bytes);
    EXPECT_EQ(delivery.value().seq, handing.seq);
    handed.push_back({handing.session, handing.seq.value, sent->attempt, std::string(delivery->body.bytes)});
    return true;
  }
  void bury(Burial burial) override { burials.push_back(std::move(burial)); }
  void serve_groups_at(RoomId, AckedGroup::Time at) override { serve_at = at; }
  void groups_moved(RoomId) override { ++moved; }
  AckedGroup::Time now() override { return time; }

  /// What was fanned out so far, decoded. Valid until the next.
  [[nodiscard]] std::vector<proto::Delivery> deliveries() const {
    std::vector<proto::Delivery> all;
    for (const auto& payload : fanned_out) all.push_back(*proto::decode_value<proto::Delivery>(payload));
    return all;
  }
  [[nodiscard]] std::vector<std::uint64_t> seqs_given_to(SessionRef session) const {
    std::vector<std::uint64_t> seqs;
    for (const auto& [to, seq] : given)
      if (to == session) seqs.push_back(seq);
    return seqs;
  }

  std::vector<std::uint32_t> subscribers;
  std::vector<std::string> fanned_out;  // payloads
  std::vector<Given> given;
  std::vector<std::pair<SessionRef, proto::Published>> acknowledged;
  std::vector<std::pair<SessionRef, proto::PublishRefused>> refusals;
  std::vector<Answer> replies;
  std::vector<std::pair<LaterId, LaterOutcome>> posted_later;
  std::vector<std::pair<SessionRef, proto::Lost>> losses;
  int asked_to_serve_later = 0, asked_to_expire_later = 0;
  struct HandedOut {
    SessionRef session;
    std::uint64_t seq;
    std::uint16_t attempt;
    std::string body;
    bool operator==(const HandedOut&) const = default;
  };
  std::vector<HandedOut> handed;
  std::vector<Burial> burials;
  std::optional<AckedGroup::Time> serve_at;
  int moved = 0;
  AckedGroup::Time time{std::chrono::hours(1)};
  std::vector<std::string> order;
  std::set<unsigned> full_cores;
  std::function<void(SessionRef, const GroupName&, const Slice&)> on_given;
};

}  // namespace hubbub::server
