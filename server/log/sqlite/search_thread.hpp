// The thread that keeps search.db up to date, behind everything else: it runs when nobody else wants the processor.
//   the writer commits --wake--> advance, advance … until nothing is behind --> now and then: tidy --> sleep
// It fails for itself alone: the log says why, it tries again, and meanwhile searches say how much isn't indexed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/log/sqlite/search_index.hpp"

namespace hubbub::server::sqlite {

class SearchThread {
 public:
  /// Opens the index before it returns (see SearchIndex::open), then starts.
  SearchThread(std::string path, std::string hub_path);
  /// Stops it after the step that it is in, which is short.
  ~SearchThread();
  SearchThread(const SearchThread&) = delete;
  SearchThread& operator=(const SearchThread&) = delete;

  /// There are new batches. From any thread; cheap.
  void wake();
  /// The index is damaged: it is to be made anew. From any thread.
  void rebuild();

 private:
  void open();
  void run();
  /// How long there is nothing to do.
  std::chrono::milliseconds work(bool rebuild);
  Result<bool> step(bool rebuild);
  Result<bool> tidy();
  void tell(const Result<bool>& done);

  const std::string path_, hub_path_;
  std::unique_ptr<SearchIndex> index_;
  std::chrono::steady_clock::time_point tidied_ = std::chrono::steady_clock::now();
  std::string trouble_;  // the last failure; empty: all is well

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false, woken_ = false, rebuild_ = false;  // under the mutex
  std::thread thread_;
};

}  // namespace hubbub::server::sqlite
