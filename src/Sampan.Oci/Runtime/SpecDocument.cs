using System.Text.Json;
using Sampan.Oci.Documents;

namespace Sampan.Oci.Runtime;

/// <summary>
/// Reads documents of the runtime specification into its records, for programs that start anew for each document; what
/// <see cref="OciRuntimeJson"/> writes is read here alike. Unknown members are ignored, as the specification asks.
/// </summary>
public static partial class SpecDocument
{
    /// <summary>Reads <c>config.json</c>; null if the document is <c>null</c>.</summary>
    /// <exception cref="JsonException">It is no JSON, or a value is of the wrong type: path and line are told.</exception>
    public static RuntimeSpec? ReadSpec(ReadOnlyMemory<byte> text) => DocumentTable.Parse(text).Object(Spec);

    /// <summary>Reads a process, as <c>exec</c> takes it; null if the document is <c>null</c>.</summary>
    /// <exception cref="JsonException">As with <see cref="ReadSpec"/>.</exception>
    public static OciProcess? ReadProcess(ReadOnlyMemory<byte> text) => DocumentTable.Parse(text).Object(Process);

    /// <summary>Reads limits, as <c>update</c> takes them; null if the document is <c>null</c>.</summary>
    /// <exception cref="JsonException">As with <see cref="ReadSpec"/>.</exception>
    public static Resources? ReadResources(ReadOnlyMemory<byte> text) => DocumentTable.Parse(text).Object(Resources);

    /// <summary>Reads a mount of a larger document.</summary>
    public static Mount Mount(DocumentValue from) => new()
    {
        Destination = from["destination"u8].Text(),
        Type = from["type"u8].TextOrNull(),
        Source = from["source"u8].TextOrNull(),
        Options = from["options"u8].Texts(),
        UidMappings = from["uidMappings"u8].Objects(IdMapping),
        GidMappings = from["gidMappings"u8].Objects(IdMapping),
    };

    private static RuntimeSpec Spec(DocumentValue from) => new()
    {
        OciVersion = from["ociVersion"u8].Text(),
        Process = from["process"u8].Object(Process),
        Root = from["root"u8].Object(static root => new Root { Path = root["path"u8].Text(), Readonly = root["readonly"u8].Boolean() }),
        Hostname = from["hostname"u8].TextOrNull(),
        Domainname = from["domainname"u8].TextOrNull(),
        Mounts = from["mounts"u8].Objects(Mount),
        Hooks = from["hooks"u8].Object(Hooks),
        Linux = from["linux"u8].Object(Linux),
        Annotations = from["annotations"u8].TextsByName(),
    };

    private static OciProcess Process(DocumentValue from) => new()
    {
        Terminal = from["terminal"u8].Boolean(),
        ConsoleSize = from["consoleSize"u8].Object(static size => new ConsoleSize { Height = size["height"u8].UInt32(), Width = size["width"u8].UInt32() }),
        User = from["user"u8].Object(User) ?? new OciUser(),
        Args = from["args"u8].Texts(),
        Env = from["env"u8].Texts(),
        Cwd = from["cwd"u8].Text(),
        Capabilities = from["capabilities"u8].Object(Capabilities),
        Rlimits = from["rlimits"u8].Objects(static limit => new Rlimit { Type = limit["type"u8].Text(), Soft = limit["soft"u8].UInt64(), Hard = limit["hard"u8].UInt64() }),
        NoNewPrivileges = from["noNewPrivileges"u8].Boolean(),
        ApparmorProfile = from["apparmorProfile"u8].TextOrNull(),
        OomScoreAdj = from["oomScoreAdj"u8].Int32OrNull(),
        SelinuxLabel = from["selinuxLabel"u8].TextOrNull(),
        Scheduler = from["scheduler"u8].Object(Scheduler),
        IoPriority = from["ioPriority"u8].Object(static io => new IoPriority { Class = io["class"u8].Text(), Priority = io["priority"u8].Int32() }),
        ExecCpuAffinity = from["execCPUAffinity"u8].Object(static cpus => new ExecCpuAffinity { Initial = cpus["initial"u8].TextOrNull(), Final = cpus["final"u8].TextOrNull() }),
    };

    private static OciUser User(DocumentValue from) => new()
    {
        Uid = from["uid"u8].UInt32(),
        Gid = from["gid"u8].UInt32(),
        Umask = from["umask"u8].UInt32OrNull(),
        AdditionalGids = from["additionalGids"u8].List(static gid => gid.UInt32()),
        Username = from["username"u8].TextOrNull(),
    };

    private static CapabilitySets Capabilities(DocumentValue from) => new()
    {
        Bounding = from["bounding"u8].Texts(),
        Effective = from["effective"u8].Texts(),
        Inheritable = from["inheritable"u8].Texts(),
        Permitted = from["permitted"u8].Texts(),
        Ambient = from["ambient"u8].Texts(),
    };

    private static Scheduler Scheduler(DocumentValue from) => new()
    {
        Policy = from["policy"u8].Text(),
        Nice = from["nice"u8].Int32(),
        Priority = from["priority"u8].Int32(),
        Flags = from["flags"u8].Texts(),
        Runtime = from["runtime"u8].UInt64(),
        Deadline = from["deadline"u8].UInt64(),
        Period = from["period"u8].UInt64(),
    };

    private static Hooks Hooks(DocumentValue from) => new()
    {
        Prestart = from["prestart"u8].Objects(Hook),
        CreateRuntime = from["createRuntime"u8].Objects(Hook),
        CreateContainer = from["createContainer"u8].Objects(Hook),
        StartContainer = from["startContainer"u8].Objects(Hook),
        Poststart = from["poststart"u8].Objects(Hook),
        Poststop = from["poststop"u8].Objects(Hook),
    };

    private static Hook Hook(DocumentValue from) => new()
    {
        Path = from["path"u8].Text(),
        Args = from["args"u8].Texts(),
        Env = from["env"u8].Texts(),
        Timeout = from["timeout"u8].Int32OrNull(),
    };

    private static IdMapping IdMapping(DocumentValue from) => new()
    {
        ContainerId = from["containerID"u8].UInt32(),
        HostId = from["hostID"u8].UInt32(),
        Size = from["size"u8].UInt32(),
    };
}
