namespace Sampan.Engine.Containers.States;

/// <summary>What a stop came to.</summary>
public enum StopOutcome
{
    /// <summary>It ended.</summary>
    Stopped,

    /// <summary>It did not run.</summary>
    AlreadyStopped,
}
