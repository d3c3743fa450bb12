namespace Sampan.Engine.Containers.States;

/// <summary>What a start came to.</summary>
public enum StartOutcome
{
    /// <summary>It runs now.</summary>
    Started,

    /// <summary>It ran before.</summary>
    AlreadyRunning,
}
