using System.Text.Json;
using Sampan.Oci.Documents;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime;

/// <summary>
/// The runtime's own files and messages, read and written without a serializer: in a process that lives for milliseconds its metadata would be most
/// of the work. The form is that of <see cref="RuntimeJson"/>, which the daemon uses.
/// </summary>
internal static class RuntimeDocument
{
    /// <exception cref="JsonException">It is no launch record.</exception>
    internal static SupervisorLaunch? ReadLaunch(ReadOnlyMemory<byte> text) => DocumentTable.Parse(text).Object(static from => new SupervisorLaunch
    {
        Id = from["id"u8].Text(),
        StateDirectory = from["stateDirectory"u8].Text(),
        RootfsMounts = from["rootfsMounts"u8].Objects(SpecDocument.Mount),
        SeccompProfile = from["seccompProfile"u8].TextOrNull(),
        Runtime = from["runtime"u8].Object(static runtime => new OtherRuntimeChoice { Path = runtime["path"u8].Text(), Arguments = runtime["arguments"u8].Texts() }),
        LogPath = from["logPath"u8].TextOrNull(),
        LogMaxBytes = from["logMaxBytes"u8].Int64(),
        LogMaxFiles = from["logMaxFiles"u8].Int32(),
        LogAttributes = from["logAttributes"u8].TextOrNull(),
        OpenStdin = from["openStdin"u8].Boolean(),
        StdinOnce = from["stdinOnce"u8].Boolean(),
    });

    /// <exception cref="JsonException">It is no record of a container.</exception>
    internal static ContainerRecord? ReadRecord(ReadOnlyMemory<byte> text) => DocumentTable.Parse(text).Object(static from => new ContainerRecord
    {
        SchemaVersion = from["schemaVersion"u8].Int32(),
        Id = from["id"u8].Text(),
        Pid = from["pid"u8].Int32(),
        StartTicks = from["startTicks"u8].UInt64(),
        Bundle = from["bundle"u8].Text(),
        CgroupPath = from["cgroupPath"u8].TextOrNull(),
        SessionKeyring = from["sessionKeyring"u8].TextOrNull(),
        SystemdUnit = from["systemdUnit"u8].TextOrNull(),
        IsPlain = from["isPlain"u8].Boolean(),
        CreatedAt = from["createdAt"u8].Time(),
    });

    internal static byte[] Write(ContainerRecord record)
    {
        var json = new ObjectText();
        json.Add("schemaVersion"u8, record.SchemaVersion);
        json.Add("id"u8, record.Id);
        json.Add("pid"u8, record.Pid);
        json.Add("startTicks"u8, (long)record.StartTicks);
        json.Add("bundle"u8, record.Bundle);
        json.Add("cgroupPath"u8, record.CgroupPath);
        json.Add("sessionKeyring"u8, record.SessionKeyring);
        json.Add("systemdUnit"u8, record.SystemdUnit);
        json.Add("isPlain"u8, record.IsPlain);
        json.Add("createdAt"u8, record.CreatedAt);
        return json.ToArray();
    }

    internal static byte[] Write(ExitRecord record)
    {
        var json = new ObjectText();
        json.Add("exitCode"u8, record.ExitCode);
        if (record.Signal is { } signal)
            json.Add("signal"u8, signal);
        json.Add("oomKilled"u8, record.OomKilled);
        json.Add("finishedAt"u8, record.FinishedAt);
        json.Add("error"u8, record.Error);
        return json.ToArray();
    }
}
