#pragma once

#include <span>

/// Constants and minimax polynomials of elementary.h, in both precisions. Each polynomial's comment
/// gives what it approximates; the relative error of the whole function is below a tenth of an ulp.
namespace callosum::elementary::tables {

struct Constant {
  double narrow, wide;  ///< rounded to float, to double
};
struct Polynomial {
  std::span<const double> narrow, wide;  ///< coefficients by rising power
};

/// The largest finite and the smallest normal number.
inline constexpr Constant largest{0x1.fffffep+127, 0x1.fffffffffffffp+1023};
inline constexpr Constant smallest{0x1p-126, 0x1p-1022};
/// The largest x with a finite e**x, the smallest with a normal one.
inline constexpr Constant exp_top{0x1.62e42ep+6, 0x1.62e42fefa39efp+9};
inline constexpr Constant exp_bottom{-0x1.5d589ep+6, -0x1.6232bdd7abcd2p+9};
/// The largest x with a finite sinh(x).
inline constexpr Constant sinh_top{0x1.65a9f8p+6, 0x1.633ce8fb9f87dp+9};
/// The largest x with a finite (e**x - 1) / x.
inline constexpr Constant exprel_top{0x1.750868p+6, 0x1.662dae9df3736p+9};
/// log2(e); ln(2), log10(e), log10(2), pi/2, pi/4 and 2/3 in parts that add up.
inline constexpr Constant log2_e{0x1.715476p+0, 0x1.71547652b82fep+0};
inline constexpr Constant ln2_hi{0x1.62e43p-1, 0x1.62e42fefa39efp-1};
inline constexpr Constant ln2_lo{-0x1.05c61p-29, 0x1.abc9e3b39803fp-56};
inline constexpr Constant log10_e_hi{0x1.bcb7b2p-2, 0x1.bcb7b1526e50ep-2};
inline constexpr Constant log10_e_lo{-0x1.5b235ep-27, 0x1.95355baaafad3p-57};
inline constexpr Constant log10_2_hi{0x1.344136p-2, 0x1.34413509f79ffp-2};
inline constexpr Constant log10_2_lo{-0x1.ec10cp-27, -0x1.9dc1da994fd21p-59};
inline constexpr Constant two_over_pi{0x1.45f306p-1, 0x1.45f306dc9c883p-1};
inline constexpr Constant half_pi_1{0x1.921fb6p+0, 0x1.921fb54442d18p+0};
inline constexpr Constant half_pi_2{-0x1.777a5cp-25, 0x1.1a62633145c07p-54};
inline constexpr Constant half_pi_3{-0x1.ee59dap-50, -0x1.f1976b7ed8fbcp-110};
inline constexpr Constant quarter_pi_hi{0x1.921fb6p-1, 0x1.921fb54442d18p-1};
inline constexpr Constant quarter_pi_lo{-0x1.777a5cp-26, 0x1.1a62633145c07p-55};
inline constexpr Constant two_thirds_hi{0x1.555556p-1, 0x1.5555555555555p-1};
inline constexpr Constant two_thirds_lo{-0x1.555556p-26, 0x1.5555555555555p-55};
inline constexpr Constant sqrt_2{0x1.6a09e6p+0, 0x1.6a09e667f3bcdp+0};
inline constexpr Constant sqrt_2_less_1{0x1.a8279ap-2, 0x1.a827999fcef32p-2};
inline constexpr Constant sqrt_2_plus_1{0x1.3504f4p+1, 0x1.3504f333f9de6p+1};

/// (e**r - 1 - r) / r**2, |r| <= ln(2)/2.
inline constexpr double exp_narrow[] = {0x1p-1,       0x1.555556p-3,  0x1.5554aep-5,
                                        0x1.11109p-7, 0x1.6d7442p-10, 0x1.a1a13ap-13};
inline constexpr double exp_wide[] = {0x1p-1,
                                      0x1.5555555555559p-3,
                                      0x1.555555555555ap-5,
                                      0x1.111111110f6c1p-7,
                                      0x1.6c16c16c14488p-10,
                                      0x1.a01a01afdea3bp-13,
                                      0x1.a01a01b0a867fp-16,
                                      0x1.71ddf862abd16p-19,
                                      0x1.27e4c5bc1dc18p-22,
                                      0x1.af5ea69abafe6p-26,
                                      0x1.1f953de250d1dp-29};
inline constexpr Polynomial exp{exp_narrow, exp_wide};

/// (2 atanh(s) - 2 s) / s**3 in s**2, |s| <= 0.1716.
inline constexpr double log_narrow[] = {0x1.555554p-1, 0x1.999a7ap-2, 0x1.2438d6p-2, 0x1.e2f6b4p-3};
inline constexpr double log_wide[] = {
    0x1.5555555555555p-1, 0x1.9999999999dfep-2, 0x1.249249242b564p-2, 0x1.c71c7258e8db6p-3,
    0x1.745cde3b49d46p-3, 0x1.3b20aab2ab7a4p-3, 0x1.0f5cdaa9c19e2p-3, 0x1.0f627e73fc83bp-3};
inline constexpr Polynomial log{log_narrow, log_wide};

/// (2 atanh(s) - 2 s - (2/3) s**3) / s**5 in s**2, |s| <= 0.1716.
inline constexpr double log_tail_narrow[] = {0x1.999ap-2, 0x1.245296p-2, 0x1.df9d52p-3};
inline constexpr double log_tail_wide[] = {
    0x1.9999999999996p-2, 0x1.2492492493035p-2, 0x1.c71c71c580613p-3, 0x1.745d1832573b8p-3,
    0x1.3b1362b4a8eabp-3, 0x1.1120b5dbc524fp-3, 0x1.de3366dab158fp-4, 0x1.eb1176e525bbfp-4};
inline constexpr Polynomial log_tail{log_tail_narrow, log_tail_wide};

/// (sin(r) - r) / r**3 in r**2, |r| <= pi/4.
inline constexpr double sin_narrow[] = {-0x1.555556p-3, 0x1.111108p-7, -0x1.a00f98p-13,
                                        0x1.6cd734p-19};
inline constexpr double sin_wide[] = {
    -0x1.5555555555555p-3,  0x1.111111111110bp-7, -0x1.a01a01a018acep-13, 0x1.71de3a5337a59p-19,
    -0x1.ae645295e16cap-26, 0x1.6120912680c6p-33, -0x1.aaa47cd2c103fp-41};
inline constexpr Polynomial sin{sin_narrow, sin_wide};

/// (cos(r) - 1 + r**2/2) / r**4 in r**2, |r| <= pi/4.
inline constexpr double cos_narrow[] = {0x1.555556p-5, -0x1.6c16b8p-10, 0x1.a0111cp-16,
                                        -0x1.2429fep-22};
inline constexpr double cos_wide[] = {0x1.555555555554cp-5,  -0x1.6c16c16c15163p-10,
                                      0x1.a01a019caf007p-16, -0x1.27e4f807de917p-22,
                                      0x1.1ee9ea71f7c99p-29, -0x1.8fadd2e9f7ddep-37};
inline constexpr Polynomial cos{cos_narrow, cos_wide};

/// (atan(y) - y) / y**3 in y**2, |y| <= sqrt(2) - 1.
inline constexpr double atan_narrow[] = {-0x1.555554p-2, 0x1.99991ap-3,  -0x1.247ef8p-3,
                                         0x1.c4666ep-4,  -0x1.5b3c1ep-4, 0x1.84cd8p-5};
inline constexpr double atan_wide[] = {
    -0x1.5555555555554p-2, 0x1.9999999999652p-3, -0x1.24924924759a6p-3, 0x1.c71c71b75bde8p-4,
    -0x1.745d14bbb6875p-4, 0x1.3b136e51d794cp-4, -0x1.110c747681228p-4, 0x1.e172196a8a314p-5,
    -0x1.ab7dfc8ba443bp-5, 0x1.70eeb5e4287e8p-5, -0x1.1239f6b912ff4p-5, 0x1.f1edbac12f419p-7};
inline constexpr Polynomial atan{atan_narrow, atan_wide};

/// (asin(y) - y) / y**3 in y**2, |y| <= 1/2.
inline constexpr double asin_narrow[] = {0x1.555556p-3, 0x1.3332a8p-4, 0x1.6ddb3cp-5, 0x1.ed514ep-6,
                                         0x1.93679ap-6, 0x1.e8c36ap-8, 0x1.1c519p-5};
inline constexpr double asin_wide[] = {
    0x1.5555555555578p-3, 0x1.333333332df07p-4, 0x1.6db6db722bea2p-5, 0x1.f1c71a8b73b33p-6,
    0x1.6e8bdfea6dec7p-6, 0x1.1c49ddc5a933dp-6, 0x1.ca21493b27ddp-7,  0x1.7577694acd09cp-7,
    0x1.618b6dc8a8841p-7, 0x1.e151ca4b8fe03p-9, 0x1.650497261d9b6p-6, -0x1.59f9cdfba0b4dp-6,
    0x1.0be553bb4a73ap-5};
inline constexpr Polynomial asin{asin_narrow, asin_wide};

}  // namespace callosum::elementary::tables
