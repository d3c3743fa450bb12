using System.Collections.ObjectModel;
using Sampan.Oci.Images;
using Sampan.Storage.Images;

namespace Sampan.Build.Execution;

/// <summary>Where a stage stands after an instruction. Only files cost something: all else is computed anew each time.</summary>
internal sealed record StageState
{
    /// <summary>The files; null: none (<c>FROM scratch</c>).</summary>
    public ImageRecord? Files { get; init; }

    /// <summary>Where the stage began; null: without files.</summary>
    public ImageRecord? Base { get; init; }

    /// <summary>How many steps the base has had.</summary>
    public int BaseSteps { get; init; }

    /// <summary>What a container of it runs.</summary>
    public ImageDefaults Config { get; init; } = new();

    /// <summary>Steps so far; those of this build have no time yet unless they made files.</summary>
    public IReadOnlyList<HistoryEntry> History { get; init; } = [];

    /// <summary>MAINTAINER.</summary>
    public string? Author { get; init; }

    /// <summary>CMD was given in this build, not only in the base.</summary>
    public bool IsCmdSet { get; init; }

    /// <summary>ARGs that the stage declared, for those that begin with it; null: declared, but without a value.</summary>
    public IReadOnlyDictionary<string, string?> Arguments { get; init; } = ReadOnlyDictionary<string, string?>.Empty;

    /// <summary>What it is for.</summary>
    public required Platform Platform { get; init; }
}
