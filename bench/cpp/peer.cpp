// The C++ front end on the same libtorch, doing what mnist-libtorch's Java does: NETWORK THREADS DATA IMAGES EPOCHS.
#include <torch/torch.h>

#include <chrono>
#include <cstdio>
#include <fstream>

using torch::Tensor;
using torch::nn::Conv2d;
using torch::nn::Linear;

static double seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

static Tensor read(const std::string& file, int64_t header) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  int64_t bytes = static_cast<int64_t>(in.tellg()) - header;
  Tensor data = torch::empty({bytes}, torch::kByte);
  in.seekg(header);
  in.read(reinterpret_cast<char*>(data.data_ptr()), bytes);
  if (!in) throw std::runtime_error("cannot read " + file);
  return data;
}

static Conv2d conv2d(int64_t in, int64_t out, int64_t kernel, int64_t padding) {
  Conv2d conv(torch::nn::Conv2dOptions(in, out, kernel).padding(padding));
  conv->weight.set_data(conv->weight.detach().clone(torch::MemoryFormat::ChannelsLast));
  return conv;
}

struct Network : torch::nn::Module {
  virtual Tensor forward(Tensor x) = 0;
};

struct Cnn : Network {
  Conv2d conv1 = register_module("conv1", conv2d(1, 40, 5, 0));
  Conv2d conv2 = register_module("conv2", conv2d(40, 80, 5, 0));
  Linear linear1 = register_module("linear1", Linear(1280, 500));
  Linear linear2 = register_module("linear2", Linear(500, 10));

  Tensor forward(Tensor x) override {
    Tensor h = torch::relu(torch::max_pool2d(conv1(x), 2, 2));
    h = torch::relu(torch::max_pool2d(conv2(h), 2, 2));
    return torch::log_softmax(linear2(torch::relu(linear1(h.flatten(1)))), 1);
  }
};

struct Autoencoder : Network {
  std::vector<Linear> linears;

  Autoencoder() {
    std::vector<int64_t> sizes = {784, 256, 128, 32, 2, 32, 128, 256, 784};
    for (size_t i = 0; i + 1 < sizes.size(); i++)
      linears.push_back(register_module("linear" + std::to_string(i + 1), Linear(sizes[i], sizes[i + 1])));
  }

  Tensor forward(Tensor x) override {
    Tensor h = x.flatten(1);
    for (size_t i = 0; i < 8; i++) h = i == 3 || i == 7 ? linears[i](h) : torch::relu(linears[i](h));
    return torch::sigmoid(h).view({-1, 1, 28, 28});
  }
};

struct ConvAutoencoder : Network {
  bool skips;
  Conv2d conv1 = register_module("conv1", conv2d(1, 4, 3, 1));
  Conv2d conv2 = register_module("conv2", conv2d(4, 8, 3, 1));
  Linear linear1 = register_module("linear1", Linear(392, 20));
  Linear linear2 = register_module("linear2", Linear(20, 2));
  Linear linear3 = register_module("linear3", Linear(2, 20));
  Linear linear4 = register_module("linear4", Linear(20, 392));
  Conv2d conv3 = register_module("conv3", conv2d(8, 4, 3, 1));
  Conv2d conv4 = register_module("conv4", conv2d(4, 1, 3, 1));
  Tensor fold = torch::tensor({1., 0., 0., 0., 1., 1., 0., 0., 0., 0., 0., 0., 1., 1., 0., 0., 0., 1.}, torch::kFloat).view({6, 3});

  explicit ConvAutoencoder(bool skips) : skips(skips) {}

  Tensor upsampled(const Conv2d& conv, const Tensor& x) {
    int64_t out = conv->weight.size(0), in = conv->weight.size(1);
    Tensor kernels = fold.matmul(conv->weight).matmul(fold.t()).view({out, in, 2, 3, 2, 3});
    kernels = kernels.permute({0, 2, 4, 1, 3, 5}).reshape({4 * out, in, 3, 3}).contiguous(torch::MemoryFormat::ChannelsLast);
    return torch::pixel_shuffle(torch::conv2d(x, kernels, conv->bias.repeat_interleave(4), 1, 1), 2);
  }

  Tensor forward(Tensor x) override {
    Tensor pool1 = torch::relu(torch::max_pool2d(conv1(x), 2, 2));
    Tensor pool2 = torch::relu(torch::max_pool2d(conv2(pool1), 2, 2));
    Tensor z = linear2(torch::relu(linear1(pool2.flatten(1))));
    Tensor h = torch::relu(linear4(torch::relu(linear3(z)))).view({-1, 8, 7, 7});
    h = torch::relu(upsampled(conv3, skips ? h.add(pool2) : h));
    return torch::sigmoid(upsampled(conv4, skips ? h.add(pool1) : h));
  }
};

int main(int, char** arguments) {
  std::string name = arguments[1], folder = arguments[3];
  int64_t count = std::stoll(arguments[4]), epochs = std::stoll(arguments[5]);
  torch::set_num_threads(std::stoi(arguments[2]));
  torch::empty({(32 << 20) - (64 << 10)}, torch::kByte);  // freed at once; see LibTorch.keepFreedMemory
  bool classifier = name == "cnn";
  int64_t size = classifier ? 64 : 128;
  Tensor pixels = read(folder + "/train-images-idx3-ubyte", 16).view({-1, 1, 28, 28}).narrow(0, 0, count);
  Tensor labels = read(folder + "/train-labels-idx1-ubyte", 8).narrow(0, 0, count).to(torch::kLong);
  Tensor test = read(folder + "/t10k-images-idx3-ubyte", 16).view({-1, 1, 28, 28});

  torch::manual_seed(1);
  std::unique_ptr<Network> network;
  if (classifier) network = std::make_unique<Cnn>();
  else if (name == "ae") network = std::make_unique<Autoencoder>();
  else network = std::make_unique<ConvAutoencoder>(name == "cae-skip");
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  if (classifier) optimizer = std::make_unique<torch::optim::SGD>(network->parameters(), torch::optim::SGDOptions(0.01).momentum(0.5));
  else optimizer = std::make_unique<torch::optim::Adam>(network->parameters(), torch::optim::AdamOptions(1e-3));

  std::string times, means, inference;
  double first_step = 0;
  for (int64_t epoch = 0; epoch < epochs; epoch++) {
    auto start = std::chrono::steady_clock::now();
    Tensor order = torch::randperm(count, torch::kLong);
    Tensor losses = torch::zeros({(count + size - 1) / size}, torch::kDouble);
    for (int64_t i = 0; i * size < count; i++) {
      Tensor indices = order.narrow(0, i * size, std::min(size, count - i * size));
      Tensor x = pixels.index_select(0, indices).to(torch::kFloat).div_(255.0);
      optimizer->zero_grad();
      Tensor y = network->forward(x);
      Tensor loss = classifier ? torch::nll_loss(y, labels.index_select(0, indices)) : torch::mse_loss(y, x);
      loss.backward();
      optimizer->step();
      losses.select(0, i).copy_(loss.detach());
      if (first_step == 0) first_step = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }
    means += (epoch ? ", " : "") + std::to_string(losses.mean().item<double>());
    times += (epoch ? ", " : "") + std::to_string(seconds(start));
  }
  torch::NoGradGuard no_grad;
  auto begin = std::chrono::steady_clock::now();
  for (int pass = 0; pass < 3 || seconds(begin) < 2; pass++) {
    auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < test.size(0); i += 200) network->forward(test.narrow(0, i, 200).to(torch::kFloat).div_(255.0));
    inference += (pass ? ", " : "") + std::to_string(seconds(start));
  }
  std::printf("{\"seconds\": [%s], \"losses\": [%s], \"inference\": [%s], \"firstStep\": %.3f}\n", times.c_str(), means.c_str(),
              inference.c_str(), first_step);
}
