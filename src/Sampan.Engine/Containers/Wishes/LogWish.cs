using System.Collections.ObjectModel;

namespace Sampan.Engine.Containers.Wishes;

/// <summary>How a container's output is kept.</summary>
public sealed record LogWish
{
    /// <summary><c>json-file</c> or <c>none</c>; null: the engine's default, json-file.</summary>
    public string? Driver { get; init; }

    /// <summary>The driver's options; for json-file <c>max-size</c>, <c>max-file</c>, <c>compress</c>, <c>labels</c>, <c>env</c>, <c>tag</c>, …</summary>
    public IReadOnlyDictionary<string, string> Options { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
