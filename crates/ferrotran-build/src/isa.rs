//! The instruction sets that sources can be compiled for besides the target's own.

/// An instruction set beyond the target's own, for [`Build::variants`](crate::Build::variants).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// AVX2, BMI and FMA: x86-64-v3 of the System V ABI.
    X86_64V3,
    /// AVX-512 F, BW, CD, DQ and VL: x86-64-v4, with 512-bit vectors preferred.
    X86_64V4,
}

impl Isa {
    /// The short name: the suffix of symbols and the value of `FERROTRAN_ISA`.
    ///
    /// ```
    /// assert_eq!(ferrotran_build::Isa::X86_64V3.name(), "v3");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64V3 => "v3",
            Self::X86_64V4 => "v4",
        }
    }

    /// The name of the variant in the generated enum.
    pub(crate) fn ident(self) -> &'static str {
        match self {
            Self::X86_64V3 => "V3",
            Self::X86_64V4 => "V4",
        }
    }

    /// The compiler flags.
    pub(crate) fn flags(self) -> &'static [&'static str] {
        match self {
            Self::X86_64V3 => &["-march=x86-64-v3"],
            Self::X86_64V4 => &["-march=x86-64-v4", "-mprefer-vector-width=512"],
        }
    }

    /// What the processor must have, as `is_x86_feature_detected` names it.
    pub(crate) fn features(self) -> &'static [&'static str] {
        const ALL: [&str; 13] = [
            "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "lzcnt", "movbe", //
            "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl",
        ];
        match self {
            Self::X86_64V3 => &ALL[..8],
            Self::X86_64V4 => &ALL,
        }
    }
}
