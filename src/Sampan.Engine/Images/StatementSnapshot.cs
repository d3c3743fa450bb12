using Sampan.Oci.Images;

namespace Sampan.Engine.Images;

/// <summary>A statement about an image: how it was built, or what is in it.</summary>
/// <param name="Descriptor">The blob.</param>
/// <param name="PredicateType">What kind: a URI.</param>
/// <param name="Content">Its JSON as it came; null: not asked for, or not here.</param>
public sealed record StatementSnapshot(Descriptor Descriptor, string PredicateType, ReadOnlyMemory<byte>? Content);
