using Sampan.Build.History;
using Sampan.Engine.Images;

namespace Sampan.Build;

/// <summary>What a build tells while it goes on.</summary>
public abstract record BuildMessage
{
    /// <summary>Text as people read it, line ends included.</summary>
    public sealed record Text(string Content) : BuildMessage;

    /// <summary>A base image is being fetched.</summary>
    public sealed record Transfer(TransferStep Step) : BuildMessage;

    /// <summary>A step begins, is known better, or is over.</summary>
    public sealed record StepChange(StepRecord Record) : BuildMessage;

    /// <summary>What a step says.</summary>
    public sealed record StepText(int Number, string Content) : BuildMessage;

    /// <summary>Something besides the instructions begins, or is over: the context is fetched, the image written. Only clients that stay connected are told.</summary>
    /// <param name="Number">From 1.</param>
    /// <param name="Name">What.</param>
    /// <param name="Started">When it began.</param>
    public sealed record Act(int Number, string Name, DateTimeOffset Started) : BuildMessage
    {
        /// <summary>When it was over; null: it goes on.</summary>
        public DateTimeOffset? Completed { get; init; }

        /// <summary>Why it failed; null: it did not.</summary>
        public string? Error { get; init; }

        /// <summary>What it did, once it is over.</summary>
        public IReadOnlyList<ActPart> Parts { get; init; } = [];
    }

    /// <summary>A part of an act.</summary>
    /// <param name="Name">What.</param>
    /// <param name="Bytes">How much; null: that is no question.</param>
    public sealed record ActPart(string Name, long? Bytes);

    /// <summary>The build has an id in the history.</summary>
    public sealed record Begun(string BuildId) : BuildMessage;

    /// <summary>The image is made.</summary>
    public sealed record Built(string ImageId) : BuildMessage;
}
