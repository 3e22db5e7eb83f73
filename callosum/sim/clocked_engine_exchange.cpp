#include <algorithm>

#include "callosum/sim/clocked_engine.h"
#include "callosum/sim/spike_code.h"

// The start of an exchange interval: spikes go from rank to rank, and on to the synapses.
namespace callosum::sim {

// Step n begins an exchange interval.
template <class T>
void ClockedEngine<T>::exchange(Worker& worker, int thread, std::int64_t n) {
  team_.barrier();
  std::int64_t known = n;
  if (ranks_ != nullptr) {
    if (thread == 0) travelling_ != nullptr ? begin_trade(n) : trade(n);
    team_.barrier();
    known = exchanged_;
  }
  deliver(worker, n, known);
  if (thread == 0) record_spikes(known);
}

// Step n begins, spikes of steps before `known` are known.
template <class T>
void ClockedEngine<T>::deliver(Worker& worker, std::int64_t n, std::int64_t known) {
  for (std::int64_t m = worker.delivered; m < known; ++m)
    worker.delivery.deliver(exchange_.of_step(m), m);
  worker.sliced.deliver(exchange_, n, worker.delivered, known);
  worker.delivered = known;
}

// Delivers all spikes of the past, as the next exchange would: what is then on its way depends on
// no exchange interval. A window of slices that begins now is left to the exchange.
template <class T>
void ClockedEngine<T>::settle() {
  team_.run([&](int t) {
    Worker& worker = workers_[static_cast<std::size_t>(t)];
    for (std::int64_t m = worker.delivered; m < now_; ++m)
      worker.delivery.deliver(exchange_.of_step(m), m);
    if (now_ % SlicedDelivery<T>::window != 0)
      worker.sliced.deliver(exchange_, now_, worker.delivered, now_);
    worker.delivered = now_;
  });
}

// The spikes found since the last time, as the other ranks get them.
template <class T>
void ClockedEngine<T>::encode(std::int64_t until) {
  sent_.clear();
  for (std::int64_t m = sent_until_; m < until; ++m)
    encode_spikes(exchange_.of_step(m).subspan(first_finder_, workers_.size()), populations_.size(),
                  sent_);
  sent_until_ = until;
}

// What all ranks have sent, up to the step up to which this one has.
template <class T>
void ClockedEngine<T>::decode() {
  const std::size_t own = first_finder_, threads = workers_.size();
  for (std::size_t r = 0; r < ends_.size(); ++r) {
    if (r == own) continue;
    const char* in = received_.data() + (r == 0 ? 0 : ends_[r - 1]);
    for (std::int64_t m = exchanged_; m < sent_until_; ++m)
      in = decode_spikes(in, populations_.size(), exchange_.at(m, r < own ? r : r + threads - 1));
  }
  exchanged_ = sent_until_;
}

// The spikes found since the last time, of all ranks to all ranks.
template <class T>
void ClockedEngine<T>::trade(std::int64_t until) {
  if (ranks_ == nullptr) return;
  finish_trade();
  if (exchanged_ == until) return;
  encode(until);
  ranks_->all_gather(sent_, received_, ends_);
  decode();
}

// The same, but what is sent now is known at the next call.
template <class T>
void ClockedEngine<T>::begin_trade(std::int64_t until) {
  finish_trade();
  if (exchanged_ == until) return;
  encode(until);
  travelling_->begin_gather(sent_);
}

template <class T>
void ClockedEngine<T>::finish_trade() {
  if (exchanged_ == sent_until_) return;
  travelling_->finish_gather(received_, ends_);
  decode();
}

template class ClockedEngine<float>;
template class ClockedEngine<double>;

}  // namespace callosum::sim
