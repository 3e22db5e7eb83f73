#include "callosum/data/registry_table.h"

namespace callosum::data {

namespace {

DataSet celegans_calcium() {
  return {.name = "celegans-calcium",
          .title = "calcium traces of 98 identified neurons of one freely moving worm",
          .kind = "traces",
          .licence = "CC BY 3.0 US",
          .citation = "Atanas, Kim et al. 2023, Cell 186:4134; doi:10.5281/zenodo.8185377",
          .page = "https://wormwideweb.org",
          .editions = {{"full",
                        "98 neurons, 1,600 frames of 0.6 s, z-scored",
                        {{"atanas2023_2022-08-02-01_zscored.csv.gz", 596539,
                          "e58d028acae486b8c8d51273232392369826d97888fb6e685c728500bdc20e03"}}},
                       {"sample",
                        "98 neurons, the first 300 frames of 0.6 s",
                        {{"atanas2023_2022-08-02-01_zscored_first-300.csv.gz", 112099,
                          "db840b913fba1ee4a831f4544e541ff212184c12d4debe39b79698b8c25267a0"}}}}};
}

DataSet celegans_connectome() {
  return {.name = "celegans-connectome",
          .title = "synapses of C. elegans, and which transmitters and peptides each neuron has",
          .kind = "connectome",
          .licence = "MIT (openworm/c302); published measurements, cite the papers",
          .citation =
              "Cook et al. 2019, Nature 571:63; White et al. 1986, Phil. Trans. R. Soc. B "
              "314:1; Bentley et al. 2016, PLoS Comput. Biol. 12:e1005283",
          .page = "https://github.com/openworm/c302/tree/master/c302/data",
          .editions = {{"full",
                        "adult hermaphrodite (2019), adult and larva (1986), expression (2016)",
                        {{"Bentley_et_al_2016_expression.csv.gz", 5737,
                          "d2a02e9cef83352d79320cb2979e874c500904cada02f48eab02a4e049ed79ee"},
                         {"aconnectome_white_1986_A.csv.gz", 7025,
                          "a1ee38ab5dc511a342938543a1abd82f24486da18e37c50230d10ee50a75761c"},
                         {"aconnectome_white_1986_L4.csv.gz", 6652,
                          "33e5afff893f2d1491236b1459fd913e71e4910b24ed5de0d5bcdcb32884cf9e"},
                         {"aconnectome_white_1986_whole.csv.gz", 10969,
                          "5fd54f67d48575638b5720f0da23787d48f6618240f96cc610973dd5eb2827bc"},
                         {"herm_full_edgelist.csv.gz", 30564,
                          "c73e30c48891c9a54071818ed2b1c66b9123cfb04ec11e020f03945b0260de57"}}}}};
}

DataSet darcy() {
  return {.name = "darcy-16",
          .title = "Darcy flow: permeability and pressure on grids of 16 and 32",
          .kind = "arrays",
          .licence = "MIT (neuraloperator)",
          .citation = "Li et al. 2021, Fourier neural operator, ICLR",
          .page = "https://github.com/neuraloperator/neuraloperator",
          .editions = {{"full",
                        "1,000 + 50 pairs of 16 x 16, 50 pairs of 32 x 32",
                        {{"darcy_train_16_x.npy", 256128,
                          "6934bfe1ad8812985b07c6ac36b0bd6aafa0f3de5ff003d0c3a82994fb470ccb"},
                         {"darcy_train_16_y.npy", 1024128,
                          "667d19334cb59545d7da645c7cef418bb5f36f5dfaeea37916b7b77c5f877aef"},
                         {"darcy_test_16_x.npy", 12928,
                          "16c23ff9a9357e3645dfce19e99db249a0bfbbf1da36e088798269ce7a87f476"},
                         {"darcy_test_16_y.npy", 51328,
                          "6e2e9cb914a1d975a202b400c910bed6beb32274a6cdb8802ddd4413e9077a96"},
                         {"darcy_test_32_x.npy", 51328,
                          "31dbc189ec05fa85a2ceee27044ce143125328fef4da2c6c899f95a60df37ac0"},
                         {"darcy_test_32_y.npy", 204928,
                          "1364e7b6f122ca96c1dd59b5023584fe30326175398480dc0b7d114d379c0078"}}},
                       {"sample",
                        "50 pairs of 16 x 16: the first 40 train, the last 10 test",
                        {{"darcy_test_16_x.npy", 12928,
                          "16c23ff9a9357e3645dfce19e99db249a0bfbbf1da36e088798269ce7a87f476"},
                         {"darcy_test_16_y.npy", 51328,
                          "6e2e9cb914a1d975a202b400c910bed6beb32274a6cdb8802ddd4413e9077a96"}}}}};
}

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

DataSet fsdd() {
  return {.name = "fsdd",
          .title = "free spoken digits: six speakers, 8 kHz",
          .kind = "audio",
          .licence = "CC BY-SA 4.0",
          .citation = "Jackson, Souza, Flaks et al., free-spoken-digit-dataset",
          .page = "https://github.com/Jakobovski/free-spoken-digit-dataset",
          .editions = {{"full",
                        "1,200 + 300 recordings, takes 0 to 24",
                        {{"train.tar.gz", 6224171,
                          "59a0e0e2b1bf3f00f3e44bfba945312d8374e6a6eedea91cab6c0dc80aa07c05"},
                         {"test.tar.gz", 1550395,
                          "8c09cbaec4ba9d28e368fc68fb0c3ed6b34ecba3c055be0a846fea792c572a2e"}}},
                       {"sample",
                        "60 + 60 recordings, one of each digit and speaker",
                        {{"train.tar.gz", 318318,
                          "deb785615ce0884dfe933f7cfeb292289729ab27d1db24e3557ecac0539defef"},
                         {"test.tar.gz", 321546,
                          "2bc89f02d3b5fce9ebb25534dc3c917c13e4074964025b638a8bde04cac78c78"}}}}};
}

DataSet hippocampus_cam() {
  const DataFile run1{"run1-spikes.xlsx", 9829,
                      "4548b0c67eee47f2a5922155d2ed625c63dc76d81cf859258af8c955225a12c9",
                      "https://raw.githubusercontent.com/dancasmor/"
                      "An-aproach-to-a-spike-based-Content-Addressable-Memory-bio-inspired-in-the-"
                      "Hippocampus/08b415bd1d15b85e1c15ec207093a75c06b33b31/results/"
                      "1_learn_recall_by_cue_and_cont_forget/spikes.xlsx"};
  const DataFile run2{"run2-spikes.xlsx", 42652,
                      "19b0ac0b2ffc489f5820bf6ab08fd6305175ebf5d0e2813512334baa5da0077f",
                      "https://raw.githubusercontent.com/dancasmor/"
                      "An-aproach-to-a-spike-based-Content-Addressable-Memory-bio-inspired-in-the-"
                      "Hippocampus/08b415bd1d15b85e1c15ec207093a75c06b33b31/results/"
                      "2_tb2_piramidal_sequence_cont/spikes.xlsx"};
  const DataFile run3{"run3-spikes.xlsx", 12726,
                      "ee0d8e0374f1c28b50c1959084c0ba28504bbfe0e6f7bb21e5f0fc1d305e2fb7",
                      "https://raw.githubusercontent.com/dancasmor/"
                      "An-aproach-to-a-spike-based-Content-Addressable-Memory-bio-inspired-in-the-"
                      "Hippocampus/08b415bd1d15b85e1c15ec207093a75c06b33b31/results/"
                      "3_state_map_app/spikes.xlsx"};
  return {.name = "hippocampus-cam",
          .title = "spike tables of a content-addressable memory on SpiNNaker",
          .kind = "spike tables",
          .licence = "GPL-3.0 (repository of the authors)",
          .citation = "Casanueva-Morato et al. 2024, Neural Networks 178:106474",
          .page =
              "https://github.com/dancasmor/An-aproach-to-a-spike-based-Content-Addressable-"
              "Memory-bio-inspired-in-the-Hippocampus",
          .editions = {{"full", "three runs: 90, 851 and 140 steps of 1 ms", {run1, run2, run3}},
                       {"two-runs", "two runs: 90 and 851 steps of 1 ms", {run1, run2}}}};
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

DataSet n_mnist() {
  return {.name = "n-mnist",
          .title = "MNIST filmed by an event camera, 34 x 34, three saccades of 0.1 s",
          .kind = "events",
          .licence = "CC BY-SA 4.0",
          .citation = "Orchard, Jayawant, Cohen, Thakor 2015, Front. Neurosci. 9:437",
          .page = "https://www.garrickorchard.com/datasets/n-mnist",
          .editions = {{"full",
                        "60,000 + 10,000 recordings",
                        {{"Train.zip", 0, "md5:20959b8e626244a1b502305a9e6e2031",
                          "https://data.mendeley.com/public-files/datasets/468j46mzdv/files/"
                          "39c25547-014b-4137-a934-9d29fa53c7a0/file_downloaded"},
                         {"Test.zip", 0, "md5:69ca8762b2fe404d9b9bad1103e97832",
                          "https://data.mendeley.com/public-files/datasets/468j46mzdv/files/"
                          "05a4d654-7e03-4c15-bdfa-9bb2bcbea494/file_downloaded"}}}}};
}

DataSet n_mnist_small() {
  return {.name = "n-mnist-small",
          .title = "1,100 recordings of N-MNIST, those of the first images of MNIST",
          .kind = "events",
          .licence = "N-MNIST: CC BY-SA 4.0; packed by slayerPytorch (GPL-3.0)",
          .citation = "Orchard, Jayawant, Cohen, Thakor 2015, Front. Neurosci. 9:437",
          .page = "https://github.com/bamsumit/slayerPytorch",
          .editions = {{"full",
                        "1,000 + 100 recordings",
                        {{"train.tar.gz", 16708754,
                          "e879e295cad372517cd129bd55c1dff1bfc66caa6ea2c79af40f6d324771d79b"},
                         {"test.tar.gz", 1556931,
                          "ed1f5034ff4a25c8d20a4bd1a5d277eed3a4151628e0a9b440812d650c0a4084"}}}}};
}

DataSet omniglot_small() {
  return {.name = "omniglot-small",
          .title = "handwritten characters of many alphabets, 105 x 105, 20 drawings each",
          .kind = "images",
          .licence = "MIT (Brenden Lake)",
          .citation = "Lake, Salakhutdinov, Tenenbaum 2015, Science 350:1332",
          .page = "https://github.com/brendenlake/omniglot",
          .editions = {{"full",
                        "small1: 136 characters, small2: 156 characters",
                        {{"small1-images-idx3-ubyte.gz", 411612,
                          "8f6161144d1e6b59f4bf68462eac6830b67b7a8dfd522cbf1646887b60a291e8"},
                         {"small1-classes-idx1-int16.gz", 290,
                          "c58c8a6408f20893544eb7e71366a5c283a7b78f3dc40258ab852b01e8aa1954"},
                         {"small1-classes.csv", 3195,
                          "a8ac048a3720d445a398bb612a8db9ffa122e58bbaa9d3ae41e6b0615be2ee0f"},
                         {"small2-images-idx3-ubyte.gz", 491704,
                          "fddf660a6e7e2042adae88c8f1652154e94de13da25237c460336cc82daf3ee4"},
                         {"small2-classes-idx1-int16.gz", 328,
                          "008fa1a6b578b044f7c777b36df9824e26834361298bb6fbd57d3b488afc5f67"},
                         {"small2-classes.csv", 4165,
                          "cb965ff85acc09c7ecabae09ac778ded5914bbe7b3ffb6b3400149322ca19c24"}}},
                       {"sample",
                        "small1: 22 characters, small2: 17 characters",
                        {{"small1-images-idx3-ubyte.gz", 61611,
                          "371cc2c5209bda5c2a00c85831eb9c1ce4216338a5f83f171a41223d142d6429"},
                         {"small1-classes-idx1-int16.gz", 72,
                          "ad888d79fedbea1756b14c9af027eee5c43e688969d3d9f5ee9428586da4af17"},
                         {"small1-classes.csv", 653,
                          "e41780db519e6a29cccac0757d32d167bd1a41c1cce7f6a2d7020359475aff10"},
                         {"small2-images-idx3-ubyte.gz", 66971,
                          "86aae11ae2bfe72a87ecb4d432f367ba9643c585728f7811afc6dc61b1e5f354"},
                         {"small2-classes-idx1-int16.gz", 65,
                          "1cc5cbc3a5dd1ec499075be75ab30ce3548287bdacb64367a647210a78f466aa"},
                         {"small2-classes.csv", 406,
                          "4c29053d02efb17deaa0d5904c8571ee9d033a3d62e59b008d18d9e9216c5590"}}}}};
}

DataSet photographs() {
  return {.name = "photographs",
          .title = "seven grey photographs of people, things and textures, 256 x 256",
          .kind = "images",
          .licence = "CC0 (astronaut: public domain, NASA)",
          .citation = "scikit-image, skimage.data; van der Walt et al. 2014, PeerJ 2:e453",
          .page = "https://scikit-image.org/docs/stable/api/skimage.data.html",
          .editions = {{"full",
                        "4 + 3 images",
                        {{"train-images-idx3-ubyte.gz", 198899,
                          "65e5c49a0bfe2c8bfc3723f262c6b00adc32065c5361860d671e198bc3860340"},
                         {"train-labels-idx1-ubyte.gz", 56,
                          "2cb2be558e3f6fee37e5e316577fdab35fd6d2edea68fbd94f3b0a0fe57b3876"},
                         {"test-images-idx3-ubyte.gz", 156885,
                          "356de215caa523826a457a98b70e82be83ca8fd89bce7bb48a4d815f9312c1fc"},
                         {"test-labels-idx1-ubyte.gz", 54,
                          "d68d99b3482e44ff15df75b9cb70a57f017fd1ce7451a31cbf514e84639b6261"}}}}};
}

DataSet shd() {
  return {
      .name = "shd",
      .title = "Spiking Heidelberg Digits: spoken digits as spikes of 700 channels of a cochlea",
      .kind = "spiking speech",
      .licence = "CC BY 4.0",
      .citation = "Cramer, Stradmann, Schemmel, Zenke 2020, IEEE TNNLS 33:2744",
      .page = "https://zenkelab.org/datasets/",
      .editions = {{"full",
                    "8,156 + 2,264 recordings, 20 classes",
                    {{"shd_train.h5.zip", 0,
                      "d21bf17b71bededa52cc9134717b2bfee25dc4a99a94c1807be9a3c4f9697dc4",
                      "https://zenkelab.org/datasets/shd_train.h5.zip"},
                     {"shd_test.h5.zip", 0,
                      "f50b1d1f614ed84ff92f34aa771c33b237944722455b52ce1ccd2eac7903812c",
                      "https://zenkelab.org/datasets/shd_test.h5.zip"}}}}};
}

DataSet rat_hippocampus() {
  return {.name = "spikes-rat-hippocampus",
          .title = "spike trains of 16 units of the rat's hippocampus, 998 s",
          .kind = "spikes",
          .licence = "MIT (SynaptiConn)",
          .citation = "SynaptiConn, Balbi Lab, example data",
          .page = "https://github.com/mzabolocki/SynaptiConn",
          .editions = {{"full",
                        "16 units, 998 s",
                        {{"all_unit.csv.gz", 141633,
                          "f0ae7cd0d43037971571601b9c091418e265d3d805cbbca7793fa2160a9d096f"}}}}};
}

DataSet retinal_waves() {
  return {.name = "spikes-retinal-waves",
          .title = "retinal waves on arrays of electrodes: eight recordings of mouse and ferret",
          .kind = "spikes",
          .licence = "GPL-2.0 (waverepo)",
          .citation = "Eglen et al. 2014, GigaScience 3:3, and the paper each file names",
          .page = "https://github.com/sje30/waverepo",
          .editions = {{"full",
                        "8 recordings, 26 to 80 units with positions",
                        {{"Demas2006_p12wt1.h5", 426076,
                          "1cdc1e086dd2fda4ca165046e03776cefc554551ec4dfa2b17b3f74eb43d13ee",
                          "https://raw.githubusercontent.com/sje30/waverepo/"
                          "3afd205079a2836609ef1965527a5ab295120723/hdf5/"
                          "Demas2006/Demas2006_p12wt1.h5"},
                         {"Demas2006_p15nob1.h5", 270799,
                          "d89834c1344ab3c1656e0f774cb74f820aea8cca55307ee879fdfd9dd4ecdd5e",
                          "https://raw.githubusercontent.com/sje30/waverepo/"
                          "3afd205079a2836609ef1965527a5ab295120723/hdf5/"
                          "Demas2006/Demas2006_p15nob1.h5"},
                         {"Demas2006_p21wt3.h5", 920090,
                          "da26534d9ccec7ed97c93c891872ff49ae7204407a719365539aa438ca3135df",
                          "https://raw.githubusercontent.com/sje30/waverepo/"
                          "3afd205079a2836609ef1965527a5ab295120723/hdf5/"
                          "Demas2006/Demas2006_p21wt3.h5"},
                         {"Demas2006_p7wt5.h5", 151735,
                          "e7c479284fdc760a1808d71073398765414f1af82c55c89fb5a930b0a99f7ea8",
                          "https://raw.githubusercontent.com/sje30/waverepo/"
                          "3afd205079a2836609ef1965527a5ab295120723/hdf5/"
                          "Demas2006/Demas2006_p7wt5.h5"},
                         {"Kirkby2013_01_B2KO_P4.h5", 40699,
                          "684b9beaaad70c70cd490e4aa496d5d342b3376c34d41b8e91f553d0532e9f94",
                          "https://raw.githubusercontent.com/sje30/waverepo/"
                          "3afd205079a2836609ef1965527a5ab295120723/hdf5/"
                          "Kirkby2013/Kirkby2013_01_B2KO_P4.h5"},
                         {"Kirkby2013_04_WT_P5.h5", 223672,
                          "cb630af25199a5267dbf18e48b8902fa2d068170c6345ae690ed270604e59e64",
                          "https://raw.githubusercontent.com/sje30/waverepo/"
                          "3afd205079a2836609ef1965527a5ab295120723/hdf5/"
                          "Kirkby2013/Kirkby2013_04_WT_P5.h5"},
                         {"Wong1993_P12a.h5", 56022,
                          "bbe642f08ef7d16b35645e6e3e2d2d651f10751f43ad932fa531b5801a93c679",
                          "https://raw.githubusercontent.com/sje30/waverepo/"
                          "3afd205079a2836609ef1965527a5ab295120723/hdf5/"
                          "Wong1993/Wong1993_P12a.h5"},
                         {"Xu2011_26FEB2010R4-37C-RINGER.h5", 54718,
                          "20bb1f4519acd29dcbd2040f2f583bb7102679f1faf618469d0ec6f195a1942e",
                          "https://raw.githubusercontent.com/sje30/waverepo/"
                          "3afd205079a2836609ef1965527a5ab295120723/hdf5/"
                          "Xu2011/Xu2011_26FEB2010R4-37C-RINGER.h5"}}}}};
}

DataSet ssc() {
  return {.name = "ssc",
          .title = "Spiking Speech Commands: 35 words as spikes of 700 channels of a cochlea",
          .kind = "spiking speech",
          .licence = "CC BY 4.0",
          .citation = "Cramer, Stradmann, Schemmel, Zenke 2020, IEEE TNNLS 33:2744",
          .page = "https://zenkelab.org/datasets/",
          .editions = {{"full",
                        "75,466 + 9,981 + 20,382 recordings (train, valid, test)",
                        {{"ssc_train.h5.zip", 0, "md5:d102be95e7144fcc0553d1f45ba94170",
                          "https://zenkelab.org/datasets/ssc_train.h5.zip"},
                         {"ssc_valid.h5.zip", 0, "md5:b4eee3516a4a90dd0c71a6ac23a8ae43",
                          "https://zenkelab.org/datasets/ssc_valid.h5.zip"},
                         {"ssc_test.h5.zip", 0, "md5:a35ff1e9cffdd02a20eb850c17c37748",
                          "https://zenkelab.org/datasets/ssc_test.h5.zip"}}}}};
}

DataSet tinyshakespeare() {
  return {.name = "tinyshakespeare",
          .title = "1.1 million characters of Shakespeare",
          .kind = "text",
          .licence = "public domain (packed by char-rnn, MIT)",
          .citation = "Karpathy 2015, char-rnn",
          .page = "https://github.com/karpathy/char-rnn",
          .editions = {{"full",
                        "1,115,394 characters",
                        {{"input.txt", 1115394,
                          "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                          "https://raw.githubusercontent.com/karpathy/char-rnn/"
                          "d1d7aa34fdb3626174bce1d753e6cc6845ce7087/data/tinyshakespeare/"
                          "input.txt"}}},
                       {"sample",
                        "the first 199,995 characters, whole lines",
                        {{"first-200k.txt.gz", 78910,
                          "a7b257fbcf85899dfe7fc6e1ed5ffdc6f44a0fc59a29910af635dfaa1c0f504d"}}}}};
}

}  // namespace

std::vector<DataSet> registry_table() {
  return {celegans_calcium(),
          celegans_connectome(),
          darcy(),
          fashion_mnist(),
          fsdd(),
          hippocampus_cam(),
          mnist(),
          n_mnist(),
          n_mnist_small(),
          omniglot_small(),
          photographs(),
          shd(),
          rat_hippocampus(),
          retinal_waves(),
          ssc(),
          tinyshakespeare()};
}

}  // namespace callosum::data
