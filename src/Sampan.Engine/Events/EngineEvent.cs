namespace Sampan.Engine.Events;

/// <summary>Something that happened.</summary>
public sealed record EngineEvent
{
    /// <summary><c>container</c>, <c>image</c>, <c>network</c>, <c>volume</c>, <c>plugin</c> or <c>daemon</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Docker's word: <c>create</c>, <c>start</c>, <c>die</c>, <c>exec_start: sh</c>, …</summary>
    public required string Action { get; init; }

    /// <summary>What it happened to: the container's or network's id, the image's id or name, the volume's name.</summary>
    public required string ActorId { get; init; }

    /// <summary>Name, image, labels and what the action adds, such as <c>exitCode</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
