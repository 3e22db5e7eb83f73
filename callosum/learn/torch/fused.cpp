#include "callosum/learn/torch/fused.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <set>

#include "callosum/core/error.h"
#include "callosum/learn/torch/spike_tensor.h"

namespace callosum::learn {
namespace {

template <class T>
constexpr at::ScalarType type_of = sizeof(T) == 4 ? at::kFloat : at::kDouble;

template <class T>
std::span<const T> numbers(const at::Tensor& contiguous) {
  return {contiguous.data_ptr<T>(), static_cast<std::size_t>(contiguous.numel())};
}

template <class T>
at::Tensor copied(std::span<const T> values, at::IntArrayRef shape) {
  const at::Tensor t = at::empty(shape, type_of<T>);
  std::copy(values.begin(), values.end(), t.data_ptr<T>());
  return t;
}

template <class T>
class FusedOf final : public Fused {
 public:
  FusedOf(const Network& network, const ModuleOptions& options, std::vector<std::string> recorded)
      : unroll_(network, {.seed = options.seed,
                          .threads = options.threads,
                          .surrogate = options.surrogate,
                          .surrogates = options.surrogates,
                          .trained = options.trained,
                          .delays = options.delays,
                          .feedback = options.feedback,
                          .currents = options.currents,
                          .record = std::move(recorded),
                          .input_gradients = options.input_gradients}) {
    input_gradients_ = options.input_gradients;
    for (const Population& p : network.populations()) sizes_[p.name] = p.size;
    for (const std::string& name : unroll_.trained()) {
      shapes_[name] = {static_cast<std::int64_t>(unroll_.values(name).size())};
      // All pairs make a matrix; one number for a population is a number.
      for (const Projection& p : network.projections())
        if ((p.name == name || p.name + ".delay" == name) &&
            p.rule.kind == Rule::Kind::all_to_all &&
            shapes_[name][0] == std::int64_t{p.from.size()} * p.to.size())
          shapes_[name] = {p.from.size(), p.to.size()};
      if (name.find('.') != std::string::npos && !name.ends_with(".delay") &&
          shapes_[name] == std::vector<std::int64_t>{1})
        shapes_[name] = {};
    }
    present_.resize(unroll_.trained().size());
  }

  at::ScalarType type() const override { return type_of<T>; }
  const std::vector<std::string>& trained() const override { return unroll_.trained(); }
  at::Tensor value(const std::string& name) const override {
    return copied<T>(unroll_.values(name), shapes_.at(name));
  }
  Network network() const override { return unroll_.network(); }
  CarriedState carried() const override { return std::make_shared<const State>(unroll_.state()); }
  const SpikeBits& spikes(const std::string& population) const override {
    return unroll_.spikes(population);
  }

  void set(const std::vector<at::Tensor>& parameters) override {
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      const at::Tensor values = parameters[k].detach().contiguous();
      auto& present = present_[k];
      const auto all = numbers<T>(values);
      if (present.size() == all.size() && std::equal(all.begin(), all.end(), present.begin()))
        continue;
      unroll_.set(trained()[k], all);
      present.assign(all.begin(), all.end());
    }
  }

  void set_delay_width(const std::string& projection, double width_ms) override {
    unroll_.set_delay_width(projection, width_ms);
    ++kernels_;
  }
  void round_delays() override {
    unroll_.round_delays();
    ++kernels_;
  }

 protected:
  void forward(const FusedInputs& given, const std::vector<at::Tensor>& tensors,
               bool keep) override {
    typename Unroll<T>::Inputs inputs{.spikes = given.spikes};
    std::vector<at::Tensor> held;
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      if (given.spikes.contains(given.tensors[k])) continue;
      held.push_back(tensors[k].detach().to(type()).contiguous());
      inputs.currents[given.tensors[k]] = numbers<T>(held.back());
    }
    unroll_.forward(given.steps, given.batch, inputs, keep,
                    static_cast<const State*>(given.from.get()));
    ++runs_;
  }

  at::Tensor output(const Output& o) const override {
    if (o.kind != Output::Kind::state)
      return (o.kind == Output::Kind::count ? spike_counts : spike_tensor)(
          unroll_.spikes(population_of(o)), type());
    return copied<T>(unroll_.recorded(o.name),
                     {unroll_.steps(), unroll_.batch(), sizes_.at(population_of(o))});
  }

  void backward(const std::vector<Output>& outputs, const std::vector<at::Tensor>& bars) override {
    typename Unroll<T>::Cotangents c;
    std::vector<at::Tensor> held;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      if (!bars[k].defined()) continue;
      held.push_back(bars[k].detach().to(type()).contiguous());
      auto& of = outputs[k].kind == Output::Kind::state   ? c.recorded
                 : outputs[k].kind == Output::Kind::count ? c.counts
                                                          : c.spikes;
      const bool by_name = outputs[k].kind == Output::Kind::state;
      of[by_name ? outputs[k].name : population_of(outputs[k])] = numbers<T>(held.back());
    }
    unroll_.backward(c);
  }

  at::Tensor gradient(const std::string& name) const override {
    return copied<T>(unroll_.gradient(name), shapes_.at(name));
  }
  at::Tensor input_gradient(const std::string& name) const override {
    const auto g = unroll_.input_gradient(name);
    const std::int64_t rows = unroll_.steps() * unroll_.batch();
    return copied<T>(
        g, {unroll_.steps(), unroll_.batch(), static_cast<std::int64_t>(g.size()) / rows});
  }

 private:
  using State = typename Unroll<T>::State;
  std::string population_of(const Output& o) const {
    if (o.kind == Output::Kind::spikes) return o.name;
    return o.name.substr(0, o.name.rfind('.'));
  }

  Unroll<T> unroll_;
  std::map<std::string, std::int64_t> sizes_;
  std::map<std::string, std::vector<std::int64_t>> shapes_;
  std::vector<std::vector<T>> present_;
};

}  // namespace

/// The autograd node: parameters and input tensors in, outputs out.
struct FusedNode : torch::autograd::Function<FusedNode> {
  struct Call : torch::CustomClassHolder {
    std::shared_ptr<Fused> fused;
    std::shared_ptr<const FusedInputs> inputs;
    std::vector<Output> outputs;
    std::size_t parameters = 0;
    bool keep = false;
    std::uint64_t run = 0;  ///< whose tape it needs
    std::uint64_t kernels = 0;
  };

  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* ctx,
                                                c10::intrusive_ptr<Call> call,
                                                at::TensorList variables) {
    const auto begin = variables.begin() + static_cast<std::ptrdiff_t>(call->parameters);
    const std::vector<at::Tensor> parameters(variables.begin(), begin);
    const std::vector<at::Tensor> tensors(begin, variables.end());
    call->fused->set(parameters);
    call->fused->forward(*call->inputs, tensors, call->keep);
    call->run = call->fused->runs_;
    call->kernels = call->fused->kernels_;
    ctx->save_for_backward(variables.vec());
    ctx->saved_data["call"] = at::IValue::make_capsule(call);
    ctx->set_materialize_grads(false);
    torch::autograd::variable_list result;
    for (const Output& o : call->outputs) result.push_back(call->fused->output(o));
    return result;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list bars) {
    const auto holder = ctx->saved_data["call"].toCapsule();
    Call& call = static_cast<Call&>(*holder);
    Fused& fused = *call.fused;
    const auto saved = ctx->get_saved_variables();
    const auto begin = saved.begin() + static_cast<std::ptrdiff_t>(call.parameters);
    if (call.kernels != fused.kernels_)
      throw ValueError({.where = "module",
                        .what = "the kernel of delays has changed since the run to be reversed",
                        .expected = "backward() before set_delay_width() or round_delays()"});
    if (call.run != fused.runs_) {
      // Another run came between: this one again, to the same bits.
      fused.set({saved.begin(), begin});
      fused.forward(*call.inputs, {begin, saved.end()}, true);
      call.run = fused.runs_;
    }
    fused.backward(call.outputs, bars);
    torch::autograd::variable_list result(1);  // none for the call itself
    for (const std::string& name : fused.trained()) result.push_back(fused.gradient(name));
    for (const std::string& name : call.inputs->tensors)
      result.push_back(fused.input_gradients_ ? fused.input_gradient(name) : at::Tensor());
    return result;
  }
};

std::shared_ptr<Fused> Fused::make(const Network& network, const ModuleOptions& options,
                                   std::vector<std::string> recorded) {
  if (options.precision == Precision::single)
    return std::make_shared<FusedOf<float>>(network, options, std::move(recorded));
  return std::make_shared<FusedOf<double>>(network, options, std::move(recorded));
}

std::vector<at::Tensor> Fused::run(std::shared_ptr<const FusedInputs> inputs,
                                   const std::vector<at::Tensor>& parameters,
                                   const std::vector<at::Tensor>& tensors,
                                   const std::vector<Output>& outputs) {
  std::vector<at::Tensor> variables = parameters;
  variables.insert(variables.end(), tensors.begin(), tensors.end());
  bool wanted = false;
  for (std::size_t k = 0; k < variables.size(); ++k) {
    wanted = wanted || variables[k].requires_grad();
    if (k >= parameters.size() && variables[k].requires_grad() && !input_gradients_)
      throw ValueError({.where = "input '" + inputs->tensors[k - parameters.size()] + "'",
                        .what = "its gradient is wanted and was not asked for",
                        .expected = "ModuleOptions::input_gradients = true"});
  }
  const auto call = c10::make_intrusive<FusedNode::Call>();
  call->fused = shared_from_this();
  call->inputs = std::move(inputs);
  call->outputs = outputs;
  call->parameters = parameters.size();
  call->keep = wanted && at::GradMode::is_enabled();
  return FusedNode::apply(call, at::TensorList(variables));
}

}  // namespace callosum::learn
