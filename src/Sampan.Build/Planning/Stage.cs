using Sampan.Build.Parsing;

namespace Sampan.Build.Planning;

/// <summary>One FROM and what follows it.</summary>
internal sealed record Stage
{
    /// <summary>From 0.</summary>
    public required int Index { get; init; }

    /// <summary>In small letters; null: none.</summary>
    public string? Name { get; init; }

    /// <summary>Its FROM.</summary>
    public required Instruction.From From { get; init; }

    /// <summary>The image it begins with, variables put in; the name of a stage if <see cref="BaseStage"/> is set.</summary>
    public required string Base { get; init; }

    /// <summary>The earlier stage it begins with; null: an image.</summary>
    public int? BaseStage { get; init; }

    /// <summary><c>--platform</c>, variables put in; null: the build's.</summary>
    public string? Platform { get; init; }

    /// <summary>What follows FROM.</summary>
    public required IReadOnlyList<Instruction> Instructions { get; init; }

    /// <summary>The number of the FROM among all instructions that are run, from 1.</summary>
    public int FirstStep { get; init; }

    /// <summary>The other stages that it needs.</summary>
    public IReadOnlySet<int> Needs { get; init; } = new HashSet<int>();
}
