namespace Sampan.Engine.Containers;

/// <summary>What a stop came to.</summary>
public enum StopOutcome
{
    /// <summary>It ended.</summary>
    Stopped,

    /// <summary>It did not run.</summary>
    AlreadyStopped,
}
