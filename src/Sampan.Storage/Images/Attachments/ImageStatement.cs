using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Attachments;

/// <summary>A statement about an image that came with it: how it was built, or what is in it.</summary>
public sealed record ImageStatement
{
    /// <summary>The blob.</summary>
    public required Descriptor Descriptor { get; init; }

    /// <summary>What kind of statement: the URI of its predicate.</summary>
    public required string PredicateType { get; init; }

    /// <summary>Its JSON as it came; null: not asked for, or not here.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }
}
