namespace Sampan.Compose.Schema;

/// <summary>A key of a record, and what may stand below it.</summary>
/// <param name="Name">The key.</param>
/// <param name="Shape">What it holds.</param>
internal sealed record Key(string Name, Shape Shape)
{
    /// <summary>Whether it must be there.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Why using it is refused; null: it is honoured.</summary>
    public string? Refusal { get; init; }
}
