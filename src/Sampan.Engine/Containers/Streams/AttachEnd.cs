namespace Sampan.Engine.Containers.Streams;

/// <summary>Why an attachment ended.</summary>
public enum AttachEnd
{
    /// <summary>The process ended, or nothing more can come.</summary>
    Finished,

    /// <summary>The client typed the detach keys.</summary>
    Detached,

    /// <summary>The client went away.</summary>
    ClientGone,
}
