#include "tests/sim/sim_reader.hpp"

#include "tests/sim/body.hpp"

namespace hubbub::sim {

void SimReader::start() {
  connect();
  act();
}

void SimReader::act() {
  if (finishes_) return;
  const auto what = world_.dice().below(20);
  if (what == 0) crash();
  if (what == 1) break_off();
  world_.in(world_.dice().between(1'000, 200'000), life_, [this] { act(); });
}

/// What it had read is forgotten, so it may begin anywhere.
void SimReader::crash() {
  if (has_begun_) history_.left(room_.value, reader());
  has_begun_ = false;
  ++lives_;
  next_ = Seq{world_.dice().between(1, next_.value)};
  break_off();
}

void SimReader::on_connected() {
  send(
      [session = connection_->session(), room = room_, from = next_](SimHub& hub) { hub.attach(session, room, from); });
}

void SimReader::on_attached(Seq next) {
  history_.attached(room_.value, reader(), next.value);
  has_begun_ = true;
  next_ = next;
}

void SimReader::on_message(Seq seq, const std::string& body) {
  const auto said = parse_body(body);
  history_.received(room_.value, reader(), seq.value, said ? *said : test::Said{0, 0, content_of(body)});
  next_ = seq.next();
  ++received_;
}

void SimReader::on_lost(Seq first, Seq last) {
  history_.lost(room_.value, reader(), first.value, last.value);
  next_ = last.next();
  ++lost_;
}

}  // namespace hubbub::sim
