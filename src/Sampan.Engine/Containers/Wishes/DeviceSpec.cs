namespace Sampan.Engine.Containers.Wishes;

/// <summary>One device of the host made available inside (<c>--device</c>).</summary>
/// <param name="PathOnHost">The device node, or a directory of them.</param>
/// <param name="PathInContainer">Where it appears.</param>
/// <param name="Permissions">Any of <c>r</c>, <c>w</c>, <c>m</c>.</param>
public sealed record DeviceSpec(string PathOnHost, string PathInContainer, string Permissions);
