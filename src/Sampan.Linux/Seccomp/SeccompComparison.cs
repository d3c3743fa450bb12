namespace Sampan.Linux.Seccomp;

/// <summary>How an argument is compared: as an unsigned number of 64 bits.</summary>
public enum SeccompComparison
{
    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>Less.</summary>
    Less,

    /// <summary>Less or equal.</summary>
    LessOrEqual,

    /// <summary>Greater.</summary>
    Greater,

    /// <summary>Greater or equal.</summary>
    GreaterOrEqual,

    /// <summary>Equal in the bits of the mask.</summary>
    MaskedEqual,
}
