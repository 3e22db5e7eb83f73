#include <zlib.h>

#include <cmath>

#include "callosum/data/audio.h"
#include "callosum/data/events.h"
#include "callosum/data/idx.h"
#include "callosum/data/npy.h"
#include "callosum/data/table.h"
#include "callosum/data/tar.h"
#include "callosum/data/workbook.h"
#include "callosum/data/zip.h"
#include "corruption.h"
#include "folders.h"

namespace callosum::data {
namespace {

std::string big(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
          static_cast<char>(n)};
}
std::string little(std::uint64_t n, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) out += static_cast<char>(n >> 8 * i);
  return out;
}

template <class Read>
auto from(const std::string& text, Read&& read) {
  const Bytes bytes = bytes_of(text);
  ByteReader in(bytes, "memory");
  return read(in);
}
const auto idx = [](ByteReader& in) { return read_idx(in); };
const auto npy = [](ByteReader& in) { return read_npy(in); };
const auto wav = [](ByteReader& in) { return read_wav(in); };

TEST(Idx, NumbersOfEveryTypeAreReadBigEndian) {
  const Array shorts =
      from(std::string("\0\0\x0b\2", 4) + big(1) + big(2) + std::string("\xff\xfe\1\2", 4), idx);
  EXPECT_EQ(shorts.shape, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(shorts.to_double(), (std::vector<double>{-2, 258}));
  const Array floats = from(std::string("\0\0\x0d\1", 4) + big(1) + big(0x3fc00000), idx);
  EXPECT_EQ(floats.to_double(), std::vector<double>{1.5});
  const Array doubles = from(std::string("\0\0\x0e\1", 4) + big(1) + big(0xc0040000) + big(0), idx);
  EXPECT_EQ(doubles.to_double(), std::vector<double>{-2.5});
  EXPECT_THROW(shorts.as<float>(), ValueError);
}

TEST(Idx, AHeaderThatClaimsTerabytesCostsNothing) {
  const std::string huge = std::string("\0\0\x08\3", 4) + big(0xffffffff) + big(1000) + big(1000);
  EXPECT_TRUE(contains(error_of<FileError>([&] { from(huge + "abc", idx); }), "ends within"));
  const std::string beyond =
      std::string("\0\0\x08\3", 4) + big(0xffffffff) + big(0xffffffff) + big(0xffffffff);
  EXPECT_TRUE(contains(error_of<FileError>([&] { from(beyond, idx); }), "than there can be"));
}

TEST(Idx, DamageIsNamedAndNeverFatal) {
  const std::string good = std::string("\0\0\x08\2", 4) + big(3) + big(5) + "abcdefghijklmno";
  EXPECT_EQ(from(good, idx).size(), 15u);
  EXPECT_TRUE(contains(error_of<FileError>([&] { from(good + "p", idx); }), "more bytes"));
  EXPECT_GT(refused_when_damaged(bytes_of(good),
                                 [](auto bytes) {
                                   ByteReader in(bytes, "damaged");
                                   read_idx(in);
                                 }),
            500);
}

TEST(Npy, WhatIsWrittenIsReadBack) {
  const TemporaryFolder folder;
  const Array out{{2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6.5f}};
  write_npy(folder.path() / "a.npy", out);
  const Array in = read_npy(folder.path() / "a.npy");
  EXPECT_EQ(in.shape, out.shape);
  EXPECT_EQ(in.values, out.values);
  EXPECT_THROW(write_npy(folder.path() / "b.npy", {{4}, std::vector<float>{1}}), ShapeError);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "b.npy"));
}

std::string npy_file(const std::string& header, const std::string& body) {
  return "\x93NUMPY" + std::string("\1\0", 2) + little(header.size(), 2) + header + body;
}

TEST(Npy, FortranOrderBigEndianAndHalfAreUnderstood) {
  const std::string two_by_three = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
  // numpy.asfortranarray([[1, 2, 3], [4, 5, 6]]) lies as 1 4 2 5 3 6.
  EXPECT_EQ(from(npy_file(two_by_three, "\1\4\2\5\3\6"), npy).to_double(),
            (std::vector<double>{1, 2, 3, 4, 5, 6}));
  const std::string shorts = "{'descr': '>i2', 'fortran_order': False, 'shape': (1,), }";
  EXPECT_EQ(from(npy_file(shorts, "\xff\xfe"), npy).to_double(), std::vector<double>{-2});
  const std::string halves = "{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }";
  const auto values = from(npy_file(halves, little(0x3c00, 2) + little(0xc100, 2) + little(1, 2) +
                                                little(0x7c00, 2)),
                           npy)
                          .to_double();
  EXPECT_EQ(values, (std::vector<double>{1, -2.5, std::ldexp(1.0, -24), INFINITY}));
  const std::string one = "{'descr': '<f8', 'fortran_order': False, 'shape': (), }";
  EXPECT_EQ(from(npy_file(one, std::string(8, '\0')), npy).shape_text(), "one number");
}

TEST(Npy, OtherTypesAndLyingShapesAreRefused) {
  for (const char* type : {"|O", "<c8", "<U3", "|S4"}) {
    const std::string header =
        "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (1,), }";
    EXPECT_THROW(from(npy_file(header, "12345678"), npy), UnsupportedError) << type;
  }
  const std::string records = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }";
  EXPECT_THROW(from(npy_file(records, "1234"), npy), UnsupportedError);
  const std::string huge =
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }";
  EXPECT_TRUE(
      contains(error_of<FileError>([&] { from(npy_file(huge, ""), npy); }), "there can be"));
  EXPECT_GT(refused_when_damaged(
                bytes_of(npy_file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }",
                                  std::string(16, 'x'))),
                [](auto bytes) {
                  ByteReader in(bytes, "damaged");
                  read_npy(in);
                }),
            500);
}

std::string wav_file(int coding, int channels, int bits, const std::string& body,
                     const std::string& before = "") {
  const std::string format = little(coding, 2) + little(channels, 2) + little(8000, 4) +
                             little(8000 * channels * bits / 8, 4) +
                             little(channels * bits / 8, 2) + little(bits, 2);
  return "RIFF" + little(0, 4) + "WAVE" + before + "fmt " + little(format.size(), 4) + format +
         "data" + little(body.size(), 4) + body;
}

TEST(Wav, SamplesOfEveryWidthAreScaledToOne) {
  const auto samples = [](const std::string& file) { return from(file, wav).samples; };
  EXPECT_EQ(samples(wav_file(1, 1, 8, std::string("\0\x80\xc0", 3))),
            (std::vector<float>{-1, 0, 0.5f}));
  EXPECT_EQ(samples(wav_file(1, 1, 16, little(0x8000, 2) + little(0x4000, 2))),
            (std::vector<float>{-1, 0.5f}));
  EXPECT_EQ(samples(wav_file(1, 1, 24, little(0x800000, 3) + little(0x400000, 3))),
            (std::vector<float>{-1, 0.5f}));
  EXPECT_EQ(samples(wav_file(1, 1, 32, little(0x80000000, 4) + little(0x40000000, 4))),
            (std::vector<float>{-1, 0.5f}));
  EXPECT_EQ(samples(wav_file(3, 1, 32, little(0x3e800000, 4))), std::vector<float>{0.25f});
  const Audio stereo = from(wav_file(1, 2, 16, little(0x4000, 2) + little(0xc000, 2)), wav);
  EXPECT_EQ(stereo.frames(), 1u);
  EXPECT_EQ(stereo.mono().samples, std::vector<float>{0});
  EXPECT_DOUBLE_EQ(stereo.seconds(), 1 / 8000.0);
}

TEST(Wav, OtherChunksArePassedOverAndOtherCodingsRefused) {
  const std::string list = "LIST" + little(3, 4) + "abc" + std::string(1, '\0');
  EXPECT_EQ(from(wav_file(1, 1, 16, little(0x4000, 2), list), wav).samples.size(), 1u);
  EXPECT_THROW(from(wav_file(85, 1, 16, "ab"), wav), UnsupportedError);  // MP3
  EXPECT_TRUE(contains(error_of<FileError>([&] { from(wav_file(1, 1, 16, "abc"), wav); }),
                       "within a frame"));
  EXPECT_TRUE(
      contains(error_of<FileError>([&] { from(wav_file(3, 1, 32, little(0x7fc00000, 4)), wav); }),
               "not a finite"));
  EXPECT_THROW(from(wav_file(1, 0, 16, ""), wav), FileError);
  EXPECT_GT(refused_when_damaged(bytes_of(wav_file(1, 2, 16, std::string(32, 'x'), list)),
                                 [](auto bytes) {
                                   ByteReader in(bytes, "damaged");
                                   read_wav(in);
                                 }),
            500);
}

std::string tar_member(const std::string& name, const std::string& content, char type = '0') {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
  };
  char octal[12];
  put(0, name);
  std::snprintf(octal, sizeof octal, "%011zo", content.size());
  put(124, octal);
  header[156] = type;
  put(257, "ustar");
  put(148, "        ");
  unsigned sum = 0;
  for (char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(octal, sizeof octal, "%06o", sum);
  put(148, octal);
  header[154] = '\0';
  return header + content + std::string((512 - content.size() % 512) % 512, '\0');
}

TEST(Tar, FilesComeInOrderAndOthersArePassedOver) {
  const std::string archive = tar_member("folder", "", '5') + tar_member("folder/a", "first") +
                              tar_member("b", std::string(512, 'x')) + std::string(1024, '\0');
  std::vector<std::string> names;
  std::size_t bytes = 0;
  from(archive, [&](ByteReader& in) {
    read_tar(in, [&](const std::string& name, const Bytes& content) {
      names.push_back(name);
      bytes += content.size();
    });
  });
  EXPECT_EQ(names, (std::vector<std::string>{"folder/a", "b"}));
  EXPECT_EQ(bytes, 517u);
  EXPECT_GT(refused_when_damaged(bytes_of(archive),
                                 [](auto all) {
                                   ByteReader in(all, "damaged");
                                   read_tar(in, [](const auto&, const auto&) {});
                                 }),
            500);
}

/// One member, deflated or stored.
std::string zip_archive(const std::string& name, const std::string& content, bool deflated) {
  std::string packed = content;
  if (deflated) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    packed.assign(deflateBound(&stream, content.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
  }
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  const std::string common = little(20, 2) + little(0, 2) + little(deflated ? 8 : 0, 2) +
                             little(0, 4) + little(crc, 4) + little(packed.size(), 4) +
                             little(content.size(), 4) + little(name.size(), 2) + little(0, 2);
  const std::string local = "PK\3\4" + common + name + packed;
  const std::string entry =
      "PK\1\2" + little(20, 2) + common + little(0, 8) + little(0, 2) + little(0, 4) + name;
  return local + entry + "PK\5\6" + little(0, 4) + little(1, 2) + little(1, 2) +
         little(entry.size(), 4) + little(local.size(), 4) + little(0, 2);
}

TEST(Zip, StoredAndDeflatedMembersAreReadAndChecked) {
  const std::string content(5000, 'q');
  for (bool deflated : {false, true}) {
    const Bytes bytes = bytes_of(zip_archive("dir/file.bin", content, deflated));
    ZipFile zip(bytes, "memory");
    ASSERT_EQ(zip.members().size(), 1u);
    EXPECT_EQ(zip.members()[0].name, "dir/file.bin");
    EXPECT_EQ(zip.read(zip.members()[0]), bytes_of(content));
    EXPECT_THROW(zip.read(zip.members()[0], 4999), FileError);
    Bytes changed = bytes;
    changed[30 + 12 + 3] ^= 1;  // within the content
    ZipFile other(changed, "memory");
    EXPECT_THROW(other.read(other.members()[0]), FileError);
    EXPECT_GT(refused_when_damaged(bytes,
                                   [](auto all) {
                                     ZipFile damaged(all, "damaged");
                                     for (const auto& member : damaged.members())
                                       damaged.read(member, 1 << 20);
                                   }),
              500);
  }
}

TEST(Workbook, TheFirstSheetIsATableOfItsCells) {
  const std::string sheet =
      R"(<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>time &amp; step</t></is></c>)"
      R"(<c r="B1" t="inlineStr"><is><t>a</t></is></c><c r="C1" t="str"><v>b</v></c></row>)"
      R"(<row r="2"><c r="A2"><v>0.5</v></c><c r="C2" t="str"><f>A2</f><v>[1, 2]</v></c></row>)"
      R"(<row r="3"/></sheetData></worksheet>)";
  const auto workbook = [](const std::string& xml) {
    return bytes_of(zip_archive("xl/worksheets/sheet1.xml", xml, true));
  };
  const Table table = parse_workbook(workbook(sheet), "memory");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"time & step", "a", "b"}));
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"0.5", "", "[1, 2]"}));
  const auto refuses = [&](const std::string& xml, const std::string& part) {
    const std::string what = error_of<FileError>([&] { parse_workbook(workbook(xml), "memory"); });
    EXPECT_TRUE(contains(what, part)) << what;
  };
  refuses("<worksheet/>", "empty");
  refuses(R"(<row><c r="A1" t="s"><v>3</v></c></row>)", "string that is not there");
  refuses(R"(<row><c r="ZZZZ1"><v>3</v></c></row>)", "no column");
  refuses(R"(<row><c><v>1</v></c></row><row><c r="B2"><v>1</v></c></row>)",
          "longer than the first");
  std::string wide = R"(<row><c r="XFD1"><v>1</v></c></row>)";
  for (int k = 0; k < 700; ++k) wide += R"(<row><c r="XFD2"><v>1</v></c></row>)";
  refuses(wide, "too large");
  EXPECT_THROW(parse_workbook(bytes_of(zip_archive("other", "x", false)), "memory"), FileError);
}

TEST(Gzip, ACutOrChangedFileIsNamed) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "a.gz").string();
  gzFile out = gzopen(path.c_str(), "wb");
  const std::string text(100000, 'g');
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  EXPECT_EQ(read_text(path), text);
  EXPECT_THROW(read_text(path, 1000), FileError);
  std::ifstream in(path, std::ios::binary);
  const std::string packed{std::istreambuf_iterator<char>(in), {}};
  const auto cut = folder.write("cut.gz", packed.substr(0, packed.size() / 2));
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_text(cut); }), "break off"));
  std::string changed = packed;
  changed[packed.size() - 6] ^= 1;  // the checksum
  const auto wrong = folder.write("wrong.gz", changed);
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_text(wrong); }), "corrupt"));
}

TEST(Table, QuotesBlanksAndErrorsAreThoseOfRfc4180) {
  const Table table = parse_table("a , b\n\"x, \"\"y\"\"\", 1\n\n z ,2\r\n", "memory");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.texts("a"), (std::vector<std::string>{"x, \"y\"", "z"}));
  EXPECT_EQ(table.numbers("b"), (std::vector<double>{1, 2}));
  EXPECT_THROW(table.column("c"), NameError);
  EXPECT_TRUE(contains(error_of<FileError>([] { parse_table("a,b\n1\n", "f"); }), "line 2"));
  EXPECT_THROW(parse_table("", "f"), FileError);
  EXPECT_THROW(parse_table("a\n\"x", "f"), FileError);
  EXPECT_THROW(parse_table("a\n\"x\"y\n", "f"), FileError);
  EXPECT_TRUE(contains(error_of<FileError>([&] { table.numbers("a"); }), "row 1, column 'a'"));
  for (const char* bad : {"", "nan", "inf", "1x", "0x10", "--1"})
    EXPECT_THROW(number_in(bad, "cell"), FileError) << bad;
  EXPECT_EQ(number_in("+1e3", "cell"), 1000);
}

TEST(Events, FortyBitsAreReadAsTheSensorWroteThem) {
  const std::string two = std::string("\x21\0\x80\0\1", 5) + std::string("\0\x21\x7f\xff\xff", 5);
  const auto events = from(two, [](ByteReader& in) { return read_events(in, 34, 34); });
  EXPECT_EQ(events, (std::vector<Event>{{1, 33, 0, true}, {8388607, 0, 33, false}}));
}

TEST(Events, BrokenRecordingsAreRefused) {
  const auto read = [](ByteReader& in) { return read_events(in, 34, 34); };
  EXPECT_TRUE(contains(error_of<FileError>([&] { from("abcd", read); }), "within an event"));
  EXPECT_TRUE(contains(error_of<FileError>([&] { from(std::string("\x22\0\0\0\1", 5), read); }),
                       "event 0 lies outside the sensor"));
  const std::string back = std::string("\0\0\0\0\5", 5) + std::string("\0\0\0\0\4", 5);
  EXPECT_TRUE(contains(error_of<FileError>([&] { from(back, read); }), "runs backwards"));
  EXPECT_EQ(from(back, [](ByteReader& in) { return read_events(in, 34, 34, 1); }).size(), 2u);
}

}  // namespace
}  // namespace callosum::data
