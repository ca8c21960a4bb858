// A helper that is to run as long as we do: started anew whenever it ends, later and later if it does so at once.
//   start() --> runs --> ended --> waits, between half a second and a minute --> runs …
// While it isn't running nothing is kept for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "client/link/backoff.hpp"
#include "common/helper.hpp"

namespace hubbub::agent {

struct RestartWaits {
  std::chrono::milliseconds min{500}, max{60'000};
  std::chrono::milliseconds well_after{10'000};  ///< who has run for so long begins again at `min`
};

class KeptHelper {
 public:
  struct Events {
    std::function<void(std::string_view line)> line;
    std::function<void(std::string sentence)> note;  ///< it ended, couldn't be started, or doesn't read
  };

  KeptHelper(asio::io_context& loop, Program program, const HelperLimits& limits, Events events,
             RestartWaits waits = {});
  ~KeptHelper();
  KeptHelper(const KeptHelper&) = delete;
  KeptHelper& operator=(const KeptHelper&) = delete;

  void start();
  /// False if it isn't running, or doesn't read: then `bytes` are lost to it, and the first time is noted.
  bool send(std::string_view bytes);
  /// For good. `stopped` is called later, in the loop, once it has ended: at once if it isn't running.
  void stop(std::chrono::milliseconds grace, std::function<void()> stopped = {});

  [[nodiscard]] bool is_running() const { return helper_ != nullptr; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  void has_ended(int wait_status);
  void try_again(const std::string& why);

  asio::io_context& loop_;
  const Program program_;
  const HelperLimits limits_;
  Events events_;
  const RestartWaits waits_;
  link::Backoff backoff_;
  asio::steady_timer pause_;
  std::shared_ptr<Helper> helper_;
  std::chrono::steady_clock::time_point started_at_;
  std::uint64_t dropped_ = 0;
  bool is_dropping_ = false;
  bool stopping_ = false;
  std::function<void()> stopped_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for what still waits in the loop
};

}  // namespace hubbub::agent
