// Two's-complement integers of any fixed number of 64-bit limbs, for the rare value wider than 128 bits.
// Only what sp_fixed.h needs: + - * ~ & | shifts, comparison, conversion. All operations wrap.
#ifndef SP_WIDE_H
#define SP_WIDE_H

#include <cstdint>
#include <type_traits>

namespace sp {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

template <int LIMBS> struct wide {
  std::uint64_t limb[LIMBS] = {};

  constexpr wide() = default;
  constexpr wide(std::int64_t value) {
    limb[0] = static_cast<std::uint64_t>(value);
    for (int j = 1; j < LIMBS; ++j) limb[j] = value < 0 ? ~std::uint64_t(0) : 0;
  }

  constexpr bool negative() const { return (limb[LIMBS - 1] >> 63) != 0; }

  friend constexpr wide operator+(const wide &a, const wide &b) {
    wide sum;
    std::uint64_t carry = 0;
    for (int j = 0; j < LIMBS; ++j) {
      const std::uint64_t partial = a.limb[j] + carry;
      sum.limb[j] = partial + b.limb[j];
      carry = static_cast<std::uint64_t>(partial < carry) + static_cast<std::uint64_t>(sum.limb[j] < partial);
    }
    return sum;
  }
  friend constexpr wide operator~(const wide &a) {
    wide inverse;
    for (int j = 0; j < LIMBS; ++j) inverse.limb[j] = ~a.limb[j];
    return inverse;
  }
  friend constexpr wide operator-(const wide &a) { return ~a + wide(1); }
  friend constexpr wide operator-(const wide &a, const wide &b) { return a + (~b + wide(1)); }
  friend constexpr wide operator&(const wide &a, const wide &b) {
    wide both;
    for (int j = 0; j < LIMBS; ++j) both.limb[j] = a.limb[j] & b.limb[j];
    return both;
  }
  friend constexpr wide operator|(const wide &a, const wide &b) {
    wide either;
    for (int j = 0; j < LIMBS; ++j) either.limb[j] = a.limb[j] | b.limb[j];
    return either;
  }
  friend constexpr wide operator*(const wide &a, const wide &b) {
    wide product;
    for (int i = 0; i < LIMBS; ++i) {
      std::uint64_t carry = 0;
      for (int j = 0; i + j < LIMBS; ++j) {
        const uint128 term = static_cast<uint128>(a.limb[i]) * b.limb[j] + product.limb[i + j] + carry;
        product.limb[i + j] = static_cast<std::uint64_t>(term);
        carry = static_cast<std::uint64_t>(term >> 64);
      }
    }
    return product;
  }
  friend constexpr wide operator<<(const wide &a, int count) {
    wide shifted;
    const int limbs = count / 64, bits = count % 64;
    for (int j = LIMBS - 1; j >= limbs; --j) {
      shifted.limb[j] = a.limb[j - limbs] << bits;
      if (bits != 0 && j > limbs) shifted.limb[j] |= a.limb[j - limbs - 1] >> (64 - bits);
    }
    return shifted;
  }
  friend constexpr wide operator>>(const wide &a, int count) {
    wide shifted;
    const std::uint64_t sign = a.negative() ? ~std::uint64_t(0) : 0;
    const int limbs = count / 64, bits = count % 64;
    for (int j = 0; j < LIMBS; ++j) {
      const std::uint64_t low = j + limbs < LIMBS ? a.limb[j + limbs] : sign;
      const std::uint64_t high = j + limbs + 1 < LIMBS ? a.limb[j + limbs + 1] : sign;
      shifted.limb[j] = bits == 0 ? low : (low >> bits) | (high << (64 - bits));
    }
    return shifted;
  }
  friend constexpr bool operator==(const wide &a, const wide &b) {
    for (int j = 0; j < LIMBS; ++j)
      if (a.limb[j] != b.limb[j]) return false;
    return true;
  }
  friend constexpr bool operator!=(const wide &a, const wide &b) { return !(a == b); }
  friend constexpr bool operator<(const wide &a, const wide &b) {
    if (a.negative() != b.negative()) return a.negative();
    for (int j = LIMBS - 1; j >= 0; --j)
      if (a.limb[j] != b.limb[j]) return a.limb[j] < b.limb[j];
    return false;
  }
  friend constexpr bool operator>(const wide &a, const wide &b) { return b < a; }
  friend constexpr bool operator<=(const wide &a, const wide &b) { return !(b < a); }
  friend constexpr bool operator>=(const wide &a, const wide &b) { return !(a < b); }
};

// The smallest storage that holds a signed integer of BITS bits.
template <int BITS>
using word = std::conditional_t<
    BITS <= 32, std::int32_t,
    std::conditional_t<BITS <= 64, std::int64_t,
                       std::conditional_t<BITS <= 128, int128, wide<(BITS + 63) / 64>>>>;

namespace detail {

template <class T> struct is_wide : std::false_type {};
template <int LIMBS> struct is_wide<wide<LIMBS>> : std::true_type {};

template <class T> struct limbs_of { static constexpr int value = sizeof(T) <= 8 ? 1 : 2; };
template <int LIMBS> struct limbs_of<wide<LIMBS>> { static constexpr int value = LIMBS; };

// Limb j of the sign-extended value.
template <class T> constexpr std::uint64_t limb_of(const T &value, int j) {
  if constexpr (is_wide<T>::value) {
    return j < limbs_of<T>::value ? value.limb[j] : (value.negative() ? ~std::uint64_t(0) : 0);
  } else if constexpr (sizeof(T) <= 8) {
    return j == 0 ? static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) : (value < 0 ? ~std::uint64_t(0) : 0);
  } else {
    if (j > 1) return value < 0 ? ~std::uint64_t(0) : 0;
    return static_cast<std::uint64_t>(static_cast<uint128>(value) >> (64 * j));
  }
}

// Sign-extends or truncates between any two storages.
template <class TO, class FROM> constexpr TO convert(const FROM &value) {
  if constexpr (std::is_same_v<TO, FROM>) {
    return value;
  } else if constexpr (is_wide<TO>::value) {
    TO result;
    for (int j = 0; j < limbs_of<TO>::value; ++j) result.limb[j] = limb_of(value, j);
    return result;
  } else if constexpr (is_wide<FROM>::value) {
    if constexpr (sizeof(TO) <= 8) {
      return static_cast<TO>(static_cast<std::int64_t>(value.limb[0]));
    } else {
      return static_cast<TO>(static_cast<uint128>(value.limb[1]) << 64 | value.limb[0]);
    }
  } else {
    return static_cast<TO>(value);
  }
}

template <class T> constexpr T shift_left(const T &value, int count) {
  if constexpr (is_wide<T>::value) {
    return value << count;
  } else if constexpr (sizeof(T) > 8) {
    return static_cast<T>(static_cast<uint128>(value) << count);
  } else {
    typedef std::make_unsigned_t<T> bits;
    return static_cast<T>(static_cast<bits>(value) << count);
  }
}

}  // namespace detail
}  // namespace sp

#endif
