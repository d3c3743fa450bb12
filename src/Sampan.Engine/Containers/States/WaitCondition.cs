namespace Sampan.Engine.Containers.States;

/// <summary>What a wait waits for.</summary>
public enum WaitCondition
{
    /// <summary>It does not run now, or stops running.</summary>
    NotRunning,

    /// <summary>Its next exit.</summary>
    NextExit,

    /// <summary>It is gone.</summary>
    Removed,
}
