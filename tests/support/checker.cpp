#include "tests/support/checker.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>

#include "server/log/producers.hpp"

namespace hubbub::test {

namespace {

using What = Happening::What;

constexpr auto for_ever = std::numeric_limits<std::uint64_t>::max();

/// One publish id of one producer in one room.
struct PublishKey {
  std::uint32_t producer = 0;
  std::uint64_t id = 0;
  bool operator==(const PublishKey&) const = default;
};
struct PublishKeyHash {
  std::size_t operator()(const PublishKey& key) const {
    return (key.id * 0x9e3779b97f4a7c15U) ^ (key.producer * 0xc2b2ae3d27d4eb4fU);
  }
};

struct Publish {
  std::uint64_t content = 0;
  std::uint64_t after = 0;  // seqs up to this one were known to be taken before it was first sent
  std::uint64_t seq = 0;    // zero: nobody has said where it is
  bool acknowledged = false;
};

/// What is known of one seq.
struct Place {
  Said said;
  bool seen = false;  // by a subscriber
  bool read = false;  // at the end
};

std::string name(const Said& said) {
  return "publish " + std::to_string(said.id) + " of producer " + std::to_string(said.producer);
}
std::string seqs(std::uint64_t first, std::uint64_t last) {
  return first == last ? std::to_string(first) : std::to_string(first) + " to " + std::to_string(last);
}

class Findings {
 public:
  explicit Findings(std::size_t max) : max_(max) {}
  void add(Wrong wrong, std::uint32_t room, const std::string& what) {
    if (list_.size() < max_) list_.push_back({wrong, "room " + std::to_string(room) + ": " + what});
  }
  [[nodiscard]] bool full() const { return list_.size() >= max_; }
  std::vector<Finding> take() { return std::move(list_); }

 private:
  std::size_t max_;
  std::vector<Finding> list_;
};

/// All that happened in one room, judged as it comes; what only the end shows, by finish().
class RoomCheck {
 public:
  RoomCheck(std::uint32_t room, Findings& findings) : room_(room), findings_(findings) {}

  void take(const Happening& happening);
  void finish();

 private:
  void sent(const Said& said);
  void acknowledged(const Happening& happening);
  void forgotten(std::uint32_t producer);
  void attached(const Happening& happening);
  void received(const Happening& happening);
  void lost(const Happening& happening);
  void trimmed(std::uint64_t first_kept);
  void read(const Happening& happening);
  Place* place(std::uint64_t seq, const Said& said, const std::string& who);
  void check_publish(std::uint64_t seq, const Said& said, Publish& publish);
  void check_retention() const;
  void check_all_is_there() const;
  void check_order_of_producers() const;
  void check_readers() const;
  void find(Wrong wrong, const std::string& what) const { findings_.add(wrong, room_, what); }
  [[nodiscard]] std::string reader(std::uint32_t number) const { return "reader " + std::to_string(number); }

  const std::uint32_t room_;
  Findings& findings_;
  std::unordered_map<PublishKey, Publish, PublishKeyHash> publishes_;
  std::unordered_map<std::uint64_t, Place> places_;
  std::unordered_map<std::uint32_t, std::uint64_t> acknowledged_of_;  // the newest id; 0 of those that only sent
  std::map<std::uint32_t, std::uint64_t> next_of_reader_;
  std::vector<Happening> losses_;
  std::uint64_t keeps_at_least_ = for_ever;
  std::uint64_t trimmed_to_ = 0;   // at some time everything before this was given up
  std::uint64_t newest_ = 0;       // of the seqs that are known to be taken
  std::optional<Happening> kept_;  // what there is at the end
  std::uint64_t next_to_read_ = 0;
};

void RoomCheck::take(const Happening& happening) {
  switch (happening.what) {
    case What::sent: return sent(happening.said);
    case What::acknowledged: return acknowledged(happening);
    case What::forgotten: return forgotten(happening.said.producer);
    case What::attached: return attached(happening);
    case What::received: return received(happening);
    case What::lost: return lost(happening);
    case What::left: next_of_reader_.erase(happening.reader); return;
    case What::bounded: keeps_at_least_ = happening.seq; return;
    case What::trimmed: return trimmed(happening.seq);
    case What::kept:
      kept_ = happening;
      next_to_read_ = happening.seq;
      return;
    case What::read: return read(happening);
  }
}

// ── producers ────────────────────────────────────────────────────────────────────────────────────────────────────────

void RoomCheck::sent(const Said& said) {
  acknowledged_of_.try_emplace(said.producer, 0);
  publishes_.try_emplace({said.producer, said.id}, Publish{said.content, newest_, 0, false});
}

void RoomCheck::acknowledged(const Happening& happening) {
  const auto known = publishes_.find({happening.said.producer, happening.said.id});
  if (known == publishes_.end())
    return find(Wrong::never_sent, name(happening.said) + " was acknowledged and never sent");
  auto& newest_id = acknowledged_of_[happening.said.producer];
  newest_id = std::max(newest_id, happening.said.id);
  known->second.acknowledged = true;
  if (happening.seq == 0) return;
  auto said = happening.said;
  said.content = known->second.content;
  place(happening.seq, said, "its producer");
  newest_ = std::max(newest_, happening.seq);
}

void RoomCheck::forgotten(std::uint32_t producer) {
  const auto newest_id = acknowledged_of_[producer];
  if (newest_id == 0 || acknowledged_of_.size() > server::producers_per_room_max) return;
  find(Wrong::forgotten_producer, "the hub doesn't know producer " + std::to_string(producer) + ", whose publish " +
                                      std::to_string(newest_id) + " it has acknowledged");
}

// ── readers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void RoomCheck::attached(const Happening& happening) {
  const auto [at, first_time] = next_of_reader_.try_emplace(happening.reader, happening.seq);
  if (first_time || happening.seq <= at->second) return;
  find(Wrong::unreported_gap, reader(happening.reader) + " had everything before " + std::to_string(at->second) +
                                  " and is to go on with " + std::to_string(happening.seq));
  at->second = happening.seq;
}

void RoomCheck::received(const Happening& happening) {
  auto& next = next_of_reader_.try_emplace(happening.reader, happening.seq).first->second;
  if (happening.seq > next)
    find(Wrong::unreported_gap, reader(happening.reader) + " got " + std::to_string(happening.seq) + " where " +
                                    std::to_string(next) + " was next");
  if (happening.seq < next)
    find(Wrong::repeated, reader(happening.reader) + " got " + std::to_string(happening.seq) + " where " +
                              std::to_string(next) + " was next");
  next = std::max(next, happening.seq + 1);
  if (auto* const at = place(happening.seq, happening.said, reader(happening.reader))) at->seen = true;
  newest_ = std::max(newest_, happening.seq);
}

void RoomCheck::lost(const Happening& happening) {
  auto& next = next_of_reader_.try_emplace(happening.reader, happening.seq).first->second;
  if (happening.seq > next)
    find(Wrong::unreported_gap, reader(happening.reader) + " was told of the loss of " +
                                    seqs(happening.seq, happening.last) + " where " + std::to_string(next) +
                                    " was next");
  next = std::max(next, happening.last + 1);
  losses_.push_back(happening);
}

void RoomCheck::trimmed(std::uint64_t first_kept) {
  trimmed_to_ = std::max(trimmed_to_, first_kept);
  if (first_kept > 1 && keeps_at_least_ == for_ever)
    find(Wrong::trimmed_too_much, seqs(1, first_kept - 1) + " was given up, and the room is kept for ever");
}

void RoomCheck::read(const Happening& happening) {
  if (happening.seq != next_to_read_)
    find(Wrong::hole,
         "at the end " + std::to_string(happening.seq) + " came where " + std::to_string(next_to_read_) + " was next");
  next_to_read_ = happening.seq + 1;
  if (auto* const at = place(happening.seq, happening.said, "whoever read it at the end")) at->read = true;
}

// ── what a seq is ────────────────────────────────────────────────────────────────────────────────────────────────────

/// Notes what `who` says that `seq` is. Nothing if that can't be.
Place* RoomCheck::place(std::uint64_t seq, const Said& said, const std::string& who) {
  const auto publish = publishes_.find({said.producer, said.id});
  if (publish == publishes_.end() || publish->second.content != said.content) {
    find(Wrong::never_sent,
         std::to_string(seq) + " is for " + who + " " + name(said) +
             (publish == publishes_.end() ? ", which was never sent" : ", but not as that was sent"));
    return nullptr;
  }
  const auto [at, new_seq] = places_.try_emplace(seq, Place{said, false, false});
  if (at->second.said != said) {
    find(Wrong::two_messages,
         std::to_string(seq) + " is for " + who + " " + name(said) + ", for others " + name(at->second.said));
    return nullptr;
  }
  if (new_seq) check_publish(seq, said, publish->second);
  return &at->second;
}

void RoomCheck::check_publish(std::uint64_t seq, const Said& said, Publish& publish) {
  if (publish.seq != 0 && publish.seq != seq)
    find(Wrong::twice, name(said) + " is at " + std::to_string(publish.seq) + " and at " + std::to_string(seq));
  else
    publish.seq = seq;
  if (seq <= publish.after)
    find(Wrong::order_of_time, name(said) + " is at " + std::to_string(seq) + ", but was first sent when " +
                                   std::to_string(publish.after) + " was there already");
}

// ── at the end ───────────────────────────────────────────────────────────────────────────────────────────────────────

void RoomCheck::finish() {
  check_order_of_producers();
  if (!kept_) return;
  if (next_to_read_ != kept_->last + 1)
    find(Wrong::hole, "at the end it has " + seqs(kept_->seq, kept_->last) + ", and reading them ended before " +
                          std::to_string(next_to_read_));
  check_retention();
  check_all_is_there();
  check_readers();
}

/// By what the room has to keep, whatever the hub says that it has given up.
void RoomCheck::check_retention() const {
  const auto has = kept_->last + 1 - kept_->seq;
  if (kept_->seq <= 1 || has >= keeps_at_least_) return;
  find(Wrong::trimmed_too_much,
       "at the end it has " + std::to_string(has) + " messages, from " + std::to_string(kept_->seq) +
           " on, and has to keep " +
           (keeps_at_least_ == for_ever ? "all" : "at least " + std::to_string(keeps_at_least_)));
}

void RoomCheck::check_all_is_there() const {
  for (const auto& [key, publish] : publishes_) {
    const Said said{key.producer, key.id, publish.content};
    const auto at = places_.find(publish.seq);
    const bool is_there = at != places_.end() && at->second.read;
    const bool was_trimmed = publish.seq == 0 ? kept_->seq > 1 : publish.seq < kept_->seq;
    if (publish.acknowledged && !is_there && !was_trimmed)
      find(Wrong::acknowledged_is_gone,
           name(said) + " was acknowledged (as " + std::to_string(publish.seq) + ") and is not there");
  }
  for (const auto& [seq, at] : places_)
    if (at.seen && !at.read && seq >= kept_->seq)
      find(Wrong::seen_is_gone, std::to_string(seq) + " was delivered as " + name(at.said) + " and is not there");
}

/// Ids follow one another; where the room was trimmed the first may be any.
void RoomCheck::check_order_of_producers() const {
  std::vector<std::pair<std::uint64_t, Said>> in_order;
  in_order.reserve(publishes_.size());
  for (const auto& [key, publish] : publishes_)
    if (const auto at = places_.find(publish.seq); at != places_.end() && (!kept_ || at->second.read))
      in_order.emplace_back(publish.seq, Said{key.producer, key.id, publish.content});
  std::ranges::sort(in_order, {}, [](const auto& one) { return one.first; });
  const bool from_the_first = kept_ && kept_->seq <= 1;
  std::unordered_map<std::uint32_t, std::uint64_t> last_id;
  for (const auto& [seq, said] : in_order) {
    const auto [last, first_time] = last_id.try_emplace(said.producer, from_the_first ? 0 : said.id - 1);
    const bool follows = kept_ ? said.id == last->second + 1 : said.id > last->second;
    if (!follows)
      find(Wrong::order_of_producer,
           name(said) + " at " + std::to_string(seq) + " comes after its publish " + std::to_string(last->second));
    last->second = said.id;
  }
}

void RoomCheck::check_readers() const {
  for (const auto& [number, next] : next_of_reader_)
    if (next <= kept_->last) find(Wrong::left_behind, reader(number) + " never got " + seqs(next, kept_->last));
  for (const auto& loss : losses_)
    if (loss.last >= std::max(kept_->seq, trimmed_to_))
      find(Wrong::false_loss, reader(loss.reader) + " was told of the loss of " + seqs(loss.seq, loss.last) +
                                  ", and the room has everything from " + std::to_string(kept_->seq) + " on");
}

}  // namespace

std::vector<Finding> check(const History& history, std::size_t findings_max) {
  Findings findings(findings_max);
  std::map<std::uint32_t, RoomCheck> rooms;
  for (const auto& happening : history.list()) {
    if (findings.full()) break;
    rooms.try_emplace(happening.room, happening.room, findings).first->second.take(happening);
  }
  for (auto& [number, room] : rooms) room.finish();
  return findings.take();
}

std::string as_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding.sentence + '\n';
  return text;
}

}  // namespace hubbub::test
