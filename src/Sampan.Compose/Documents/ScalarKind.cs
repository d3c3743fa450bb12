namespace Sampan.Compose.Documents;

/// <summary>What a scalar is.</summary>
public enum ScalarKind
{
    /// <summary>Characters.</summary>
    Text,

    /// <summary>Nothing: <c>null</c>, <c>~</c> or no characters at all.</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A number, whole or not.</summary>
    Number,
}
