#pragma once

#include <ATen/core/Tensor.h>

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "callosum/nets/draws.h"
#include "callosum/nets/sparse_matrix.h"

/// Linear algebra of weight matrices and representations. Everything is computed in double;
/// NumericalError for NaN or infinity.
namespace callosum::nets {

/// Eigenvalues of a square matrix, complex double [n], by falling modulus (equal moduli: by falling
/// real, then imaginary part).
at::Tensor eigenvalues(const at::Tensor& matrix);
/// Largest modulus of the eigenvalues.
double spectral_radius(const at::Tensor& matrix);
double spectral_radius(const SparseMatrix& matrix);
/// Scales in place to this spectral radius. NumericalError for a nilpotent matrix.
void scale_to_spectral_radius(SparseMatrix& matrix, double radius);
at::Tensor scaled_to_spectral_radius(const at::Tensor& matrix, double radius);

/// Singular values, falling, [min(rows, columns)].
at::Tensor singular_values(const at::Tensor& matrix);
/// exp of the entropy of the normalised singular values (Roy and Vetterli 2007): 1 .. rank.
double effective_rank(const at::Tensor& matrix);
/// (sum s^2)^2 / sum s^4 of the singular values: the participation ratio of the spectrum of A A^T.
double participation_ratio(const at::Tensor& matrix);
/// The nearest matrix of rank r (Eckart and Young 1936), 1 <= r <= min(rows, columns), scaled back
/// to the norm of the original when `keep_norm`.
at::Tensor truncated_to_rank(const at::Tensor& matrix, std::int64_t rank, bool keep_norm);

/// Principal angles between the column spaces of two matrices of n rows, radians, rising; by the
/// sine where the cosine is near 1, so that small angles keep their digits (Bjorck and Golub 1973).
at::Tensor principal_angles(const at::Tensor& a, const at::Tensor& b);
/// <A, B> / (|A| |B|) of the entries (cosine). NumericalError where a norm is 0.
double alignment(const at::Tensor& a, const at::Tensor& b);

/// Roots of c[0] + c[1] x + ... + c[n] x^n, c[n] != 0, as eigenvalues of the companion matrix;
/// order as `eigenvalues`.
std::vector<std::complex<double>> polynomial_roots(std::span<const double> coefficients);

/// Nodes and weights with sum w_i f(x_i) = E[f(z)], z standard normal, exact for polynomials up to
/// degree 2n - 1 (Golub and Welsch 1969).
struct Quadrature {
  std::vector<double> nodes, weights;
};
Quadrature gauss_hermite(std::int64_t n);

/// g G / sqrt(n) with G standard normal, [n, n]: spectral radius near g.
at::Tensor gaussian_matrix(Draws& draws, std::int64_t n, double g);
/// Each row has `degree` entries of normal(0, 1), the whole scaled to the spectral radius.
SparseMatrix sparse_gaussian(Draws& draws, std::int64_t n, std::int64_t degree, double radius);
/// A random rotation or reflection, uniform over the orthogonal group, [n, n].
at::Tensor orthogonal_matrix(Draws& draws, std::int64_t n);

}  // namespace callosum::nets
