namespace Sampan.Compose.Running;

/// <summary>What can be done about a container.</summary>
internal enum ContainerActionKind
{
    /// <summary>It is as it should be.</summary>
    Keep,

    /// <summary>It is as it should be, but does not run.</summary>
    Start,

    /// <summary>It is as it should be, but what it depends on was replaced.</summary>
    Restart,

    /// <summary>There is none yet.</summary>
    Create,

    /// <summary>Another one takes its place.</summary>
    Recreate,

    /// <summary>It is too many.</summary>
    Remove,
}
