#include "callosum/data/registry_table.h"

namespace callosum::data {

namespace {

DataSet fashion_mnist() {
  return {.name = "fashion-mnist",
          .title = "70,000 images of clothing, 28 x 28, 10 classes",
          .kind = "images",
          .licence = "MIT (Zalando SE)",
          .citation = "Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747",
          .page = "https://github.com/zalandoresearch/fashion-mnist",
          .editions = {{"full",
                        "60,000 + 10,000 images, the official split",
                        {{"train-images-idx3-ubyte.gz", 26421880,
                          "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                          "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
                          "train-images-idx3-ubyte.gz"},
                         {"train-labels-idx1-ubyte.gz", 29515,
                          "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                          "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
                          "train-labels-idx1-ubyte.gz"},
                         {"t10k-images-idx3-ubyte.gz", 4422102,
                          "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                          "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
                          "t10k-images-idx3-ubyte.gz"},
                         {"t10k-labels-idx1-ubyte.gz", 5148,
                          "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                          "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
                          "t10k-labels-idx1-ubyte.gz"}}},
                       {"kaggle-split",
                        "60,000 + 10,000 images, not the official split",
                        {{"kaggle-split-train-images-idx3-ubyte.gz", 26215115,
                          "9bed1b6098baf56dd09b29100ae30832472f9bca426593e1eb06c19f976177d3"},
                         {"kaggle-split-train-labels-idx1-ubyte.gz", 29515,
                          "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
                         {"kaggle-split-test-images-idx3-ubyte.gz", 4361905,
                          "989de229230f60363cc79ad2f1a7c135e293aca57932ee967630af8565bede1b"},
                         {"kaggle-split-test-labels-idx1-ubyte.gz", 5148,
                          "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}}},
                       {"sample",
                        "1,500 + 500 images, balanced",
                        {{"train-images-idx3-ubyte.gz", 656933,
                          "e7a3fb8af265c842c3a21f5ca0bc884c9b2d27b33ff0e40e22106855364402ec"},
                         {"train-labels-idx1-ubyte.gz", 778,
                          "26934c4c8ec7fd032893416deab8db67cac4399d941ad286bd306244ff280276"},
                         {"t10k-images-idx3-ubyte.gz", 218549,
                          "ac52a7feed9324e29d08e4d437bd5bf343c1244639864d8b39225d5675e063e0"},
                         {"t10k-labels-idx1-ubyte.gz", 275,
                          "fb8360340a5e0f36233588b97e85d5ef2bf94716b5109fc6425c4e77ea8f14bc"}}}}};
}

DataSet mnist() {
  return {.name = "mnist",
          .title = "70,000 handwritten digits, 28 x 28",
          .kind = "images",
          .licence = "not stated by the source",
          .citation = "LeCun, Bottou, Bengio, Haffner 1998, Proc. IEEE 86:2278",
          .page = "http://yann.lecun.com/exdb/mnist/",
          .editions = {
              {"full",
               "60,000 + 10,000 images",
               {{"train-images-idx3-ubyte.gz", 9912422,
                 "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                 "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz"},
                {"train-labels-idx1-ubyte.gz", 28881,
                 "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                 "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz"},
                {"t10k-images-idx3-ubyte.gz", 1648877,
                 "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                 "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz"},
                {"t10k-labels-idx1-ubyte.gz", 4542,
                 "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                 "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz"}}}}};
}

}  // namespace

std::vector<DataSet> registry_table() { return {fashion_mnist(), mnist()}; }

}  // namespace callosum::data
