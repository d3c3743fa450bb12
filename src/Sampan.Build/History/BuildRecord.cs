using System.Collections.ObjectModel;

namespace Sampan.Build.History;

/// <summary>A build as it is remembered. No secret is in it, and no variable of a proxy.</summary>
public sealed record BuildRecord
{
    /// <summary>32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was over; null: it runs.</summary>
    public DateTimeOffset? Completed { get; init; }

    /// <summary>How it stands.</summary>
    public BuildStatus Status { get; init; }

    /// <summary>Why it failed; null: it did not.</summary>
    public string? Error { get; init; }

    /// <summary>The Dockerfile's path.</summary>
    public string Dockerfile { get => field ?? "Dockerfile"; init; }

    /// <summary>Where the context came from, without a password; null: the client sent it.</summary>
    public string? Remote { get; init; }

    /// <summary>The stage that was asked for; null: the last.</summary>
    public string? Target { get; init; }

    /// <summary>What it was for; null: this machine.</summary>
    public string? Platform { get; init; }

    /// <summary>Names that the image got.</summary>
    public IReadOnlyList<string> Tags { get => field ?? []; init; }

    /// <summary>Values for ARG.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>The image; null: there is none.</summary>
    public string? ImageId { get; init; }

    /// <summary>Its steps, in the order in which they began.</summary>
    public IReadOnlyList<StepRecord> Steps { get => field ?? []; init; }
}
