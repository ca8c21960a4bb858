#include "tests/sim/simulation.hpp"

#include <algorithm>

#include "server/log/sqlite/check.hpp"
#include "server/log/sqlite/load.hpp"
#include "tests/sim/body.hpp"
#include "tests/sim/noise.hpp"
#include "tests/sim/rival.hpp"
#include "tests/sim/sim_producer.hpp"
#include "tests/sim/sim_reader.hpp"
#include "tests/sim/weather_maker.hpp"

namespace hubbub::sim {

namespace {

using server::Durability;
using server::sqlite::Reader;

/// So long things go wrong; then so many steps are enough for everybody to come to rest.
constexpr std::uint64_t trouble_us_min = 1'000'000, trouble_us_max = 6'000'000;
constexpr std::uint64_t steps_to_rest_max = 400'000;

/// All of one run. It is also how clients find the hub.
class Simulation final : public Address {
 public:
  Simulation(std::uint64_t seed, Mutant mutant, bool tells);
  ~Simulation() override { hub_.reset(); }
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  Outcome run();
  SimHub* hub() override { return is_up_ ? hub_.get() : nullptr; }

 private:
  void plan_rooms();
  void note_bounds(std::uint32_t number, const server::RoomPolicy& policy);
  void plan_clients();
  void start_hub();
  void end_hub();
  void run_until(std::uint64_t time_us);
  void come_to_rest();
  [[nodiscard]] bool is_at_rest();
  [[nodiscard]] std::string who_is_not_at_rest();
  void read_all();
  void read_room(Reader& reader, const server::KeptRoom& kept);
  void check_file();
  Met count() const;

  World world_;
  test::FaultyDisk disk_;
  const Mutant mutant_;
  const bool power_goes_;
  WeatherMaker weather_;
  Life life_ = new_life();
  std::vector<RoomPlan> rooms_;
  std::unique_ptr<SimHub> hub_;
  bool is_up_ = false;
  test::History history_;
  std::vector<std::unique_ptr<SimProducer>> producers_;
  std::vector<std::unique_ptr<Rival>> rivals_;
  std::vector<std::unique_ptr<SimReader>> readers_;
  std::unique_ptr<Noise> noise_;
  std::vector<std::string> complaints_;
};

Simulation::Simulation(std::uint64_t seed, Mutant mutant, bool tells)
    : world_(seed),
      disk_(world_.dice().bits()),
      mutant_(mutant),
      power_goes_(world_.dice().one_in(2)),
      weather_(world_, disk_, {power_goes_, world_.dice().between(50'000, 1'500'000)}) {
  if (tells) world_.tell_all();
  // SQLite's own dice, which it throws for the salts of its log.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed | 1), nullptr);
  weather_.on_sudden_end([this] { end_hub(); });
  if (mutant == Mutant::synchronizes_nothing) disk_.ignore_syncs();
  plan_rooms();
  plan_clients();
}

/// Where the power may go, only rooms with fsync are judged: the others may lose what was acknowledged. The last room
/// is one of those, and nobody judges it: its messages, not synced, lie between those of the others.
void Simulation::plan_rooms() {
  auto& dice = world_.dice();
  const auto judged = dice.between(1, 3);
  for (std::uint32_t number = 1; number <= judged; ++number) {
    server::RoomPolicy policy;
    policy.durability = power_goes_ || dice.one_in(2) ? Durability::fsync : Durability::commit;
    if (dice.one_in(3)) policy.messages = dice.between(1, 100);
    if (dice.one_in(6)) policy.bytes = dice.between(1'000, 50'000);
    if (dice.one_in(6)) policy.age = std::chrono::seconds(dice.between(1, 4'000));
    note_bounds(number, policy);
    rooms_.push_back({"judged." + std::to_string(number), policy});
  }
  rooms_.push_back({"noise", {}});
  noise_ = std::make_unique<Noise>(world_, *this, RoomId{static_cast<std::uint32_t>(rooms_.size())});
}

/// Where bytes or age bound a room, the history can't tell how many messages that leaves.
void Simulation::note_bounds(std::uint32_t number, const server::RoomPolicy& policy) {
  const bool by_other_bounds = policy.bytes > 0 || policy.age.count() > 0;
  if (by_other_bounds || policy.messages > 0) history_.bounded(number, by_other_bounds ? 0 : policy.messages);
}

void Simulation::plan_clients() {
  auto& dice = world_.dice();
  const auto judged = static_cast<std::uint32_t>(rooms_.size() - 1);
  const auto producers = dice.between(1, 4);
  for (std::uint32_t number = 1; number <= producers; ++number) {
    SimProducer::Plan plan;
    plan.number = number;
    plan.registers = dice.one_in(2);
    for (std::uint32_t room = 1; room <= judged; ++room) plan.rooms.push_back(RoomId{room});
    plan.pause_us_max = dice.between(5'000, 100'000);
    plan.filling_bytes_max = dice.one_in(4) ? 6'000 : 200;
    const bool has_rival = plan.registers && dice.one_in(3);
    producers_.push_back(std::make_unique<SimProducer>(world_, *this, history_, std::move(plan)));
    if (has_rival) rivals_.push_back(std::make_unique<Rival>(world_, *this, *producers_.back()));
  }
  const auto readers = dice.between(1, 4);
  for (std::uint32_t number = 1; number <= readers; ++number)
    readers_.push_back(std::make_unique<SimReader>(world_, *this, history_, number,
                                                   RoomId{static_cast<std::uint32_t>(dice.between(1, judged))}));
}

// ── lives of the hub ─────────────────────────────────────────────────────────────────────────────────────────────────

/// Where it can't start (a full disk, say) it is started again, as a service manager does it.
void Simulation::start_hub() {
  auto started = SimHub::start({world_, disk_, weather_.weather(), history_, mutant_}, rooms_, [this] { end_hub(); });
  if (started) {
    world_.tell("the hub starts");
    hub_ = *std::move(started);
    is_up_ = true;
    return;
  }
  world_.tell("the hub can't start: " + started.error().sentence);
  world_.in(world_.dice().between(100'000, 500'000), life_, [this] { start_hub(); });
}

/// What is under way in it still returns, but does nothing; it goes a moment later.
void Simulation::end_hub() {
  if (!std::exchange(is_up_, false)) return;
  world_.tell("the hub is dead");
  hub_->die();
  world_.in(world_.dice().between(1'000, 400'000), life_, [this] {
    hub_.reset();
    start_hub();
  });
}

// ── the run ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Outcome Simulation::run() {
  start_hub();
  for (auto& producer : producers_) producer->start();
  for (auto& rival : rivals_) rival->start();
  for (auto& reader : readers_) reader->start();
  noise_->start();
  weather_.start();
  run_until(world_.dice().between(trouble_us_min, trouble_us_max));
  come_to_rest();
  const auto met = count();
  disk_.kill_program();
  end_hub();
  hub_.reset();
  check_file();
  read_all();
  auto findings = test::check(history_);
  return {std::move(findings), std::move(complaints_), met, std::move(history_), disk_.get(SimStore::path)};
}

void Simulation::run_until(std::uint64_t time_us) {
  while (world_.now_us() < time_us && world_.step()) {
  }
}

void Simulation::come_to_rest() {
  world_.tell("all is well from now on");
  weather_.finish();
  noise_->finish();
  for (auto& rival : rivals_) rival->finish();
  for (auto& producer : producers_) producer->finish();
  for (auto& reader : readers_) reader->finish();
  for (std::uint64_t steps = 0; steps < steps_to_rest_max; ++steps) {
    if (steps % 64 == 0 && is_at_rest()) break;
    if (!world_.step()) break;
  }
  if (!is_at_rest()) complaints_.push_back(who_is_not_at_rest());
  for (const auto& producer : producers_)
    if (!producer->has_given_up().empty()) complaints_.push_back(producer->has_given_up());
}

bool Simulation::is_at_rest() {
  return is_up_ && std::ranges::all_of(producers_, [](const auto& producer) { return producer->is_done(); }) &&
         std::ranges::all_of(readers_,
                             [&](const auto& reader) { return reader->next() > hub_->room(reader->room()).last(); });
}

std::string Simulation::who_is_not_at_rest() {
  if (!is_up_) return "the hub doesn't start again";
  std::string text = "they don't come to rest:";
  for (std::size_t number = 0; number < producers_.size(); ++number)
    if (!producers_[number]->is_done()) text += " producer " + std::to_string(number + 1);
  for (std::size_t number = 0; number < readers_.size(); ++number)
    if (readers_[number]->next() <= hub_->room(readers_[number]->room()).last())
      text += " reader " + std::to_string(number + 1);
  return text;
}

// ── what is left ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// All rooms, that of the noise too: what a loss of power leaves of it has no holes.
void Simulation::check_file() {
  const auto found = server::sqlite::check(SimStore::path, disk_.vfs());
  if (!found) return complaints_.push_back(found.error().sentence);
  complaints_.insert(complaints_.end(), found->begin(), found->end());
}

void Simulation::read_all() {
  const auto reader = Reader::open(SimStore::path, disk_.vfs());
  if (!reader) return complaints_.push_back(reader.error().sentence);
  const auto kept = server::sqlite::load(SimStore::path, disk_.vfs());
  if (!kept) return complaints_.push_back(kept.error().sentence);
  for (const auto& room : kept->rooms)
    if (room.id.value < rooms_.size()) read_room(**reader, room);
}

void Simulation::read_room(Reader& reader, const server::KeptRoom& kept) {
  const auto end = server::newest;
  const auto room = kept.id;
  WallTime newest;
  history_.kept(room.value, kept.first_kept.value, kept.last.value);
  for (auto next = kept.first_kept; next <= kept.last;) {
    const auto found = reader.read(room, next, end, 1u << 20);
    if (!found) return complaints_.push_back(found.error().sentence);
    if (found->slices.empty()) return;
    for (const auto& slice : found->slices) {
      for_each_payload(slice, [&](std::string_view payload) {
        const auto delivery = proto::decode_value<proto::Delivery>(payload);
        const auto said = parse_body(delivery->body.bytes);
        history_.read(room.value, delivery->seq.value, said ? *said : test::Said{});
        if (delivery->time < newest) complaints_.push_back("times of room " + std::to_string(room.value) + " go back");
        newest = delivery->time;
      });
      next = slice.last.next();
    }
  }
}

Met Simulation::count() const {
  auto met = weather_.met();
  for (const auto& producer : producers_) {
    met.acknowledged += producer->acknowledged();
    for (const auto& [why, times] : producer->refusals()) {
      met.gaps += why == proto::Refusal::gap ? times : 0;
      met.unknown_outcomes += why == proto::Refusal::unknown_outcome ? times : 0;
      met.refused_in_trouble += why == proto::Refusal::other ? times : 0;
      met.fenced += why == proto::Refusal::fenced ? times : 0;
    }
  }
  for (const auto& rival : rivals_) met.rivals_fenced += rival->fenced();
  for (const auto& reader : readers_) {
    met.received += reader->received();
    met.losses_told += reader->lost();
  }
  return met;
}

}  // namespace

Outcome simulate(std::uint64_t seed, Mutant mutant, bool tells) { return Simulation(seed, mutant, tells).run(); }

}  // namespace hubbub::sim
