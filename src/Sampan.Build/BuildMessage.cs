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

    /// <summary>The build has an id in the history.</summary>
    public sealed record Begun(string BuildId) : BuildMessage;

    /// <summary>The image is made.</summary>
    public sealed record Built(string ImageId) : BuildMessage;
}
