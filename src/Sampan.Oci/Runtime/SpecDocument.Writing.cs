using System.Text.Json;
using Sampan.Oci.Documents;

namespace Sampan.Oci.Runtime;

/// <summary>Writes documents, each member as <see cref="OciRuntimeJson"/> would.</summary>
public static partial class SpecDocument
{
    /// <summary>Writes a configuration.</summary>
    public static byte[] Write(RuntimeSpec spec) => Write(json =>
    {
        json.WriteString("ociVersion"u8, spec.OciVersion);
        json.WriteObject("process"u8, spec.Process, Write);
        json.WriteObject("root"u8, spec.Root, static (json, root) =>
        {
            json.WriteString("path"u8, root.Path);
            json.WriteBoolean("readonly"u8, root.Readonly);
        });
        json.WriteText("hostname"u8, spec.Hostname);
        json.WriteText("domainname"u8, spec.Domainname);
        json.WriteObjects("mounts"u8, spec.Mounts, Write);
        json.WriteObject("hooks"u8, spec.Hooks, Write);
        json.WriteObject("linux"u8, spec.Linux, Write);
        json.WriteTexts("annotations"u8, spec.Annotations);
    });

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, OciProcess process)
    {
        json.WriteBoolean("terminal"u8, process.Terminal);
        json.WriteObject("consoleSize"u8, process.ConsoleSize, static (json, size) =>
        {
            json.WriteNumber("height"u8, size.Height);
            json.WriteNumber("width"u8, size.Width);
        });
        json.WriteObject("user"u8, process.User, static (json, user) =>
        {
            json.WriteNumber("uid"u8, user.Uid);
            json.WriteNumber("gid"u8, user.Gid);
            json.WriteWhole("umask"u8, user.Umask);
            json.WriteStartArray("additionalGids"u8);
            foreach (var gid in user.AdditionalGids)
                json.WriteNumberValue(gid);
            json.WriteEndArray();
            json.WriteText("username"u8, user.Username);
        });
        json.WriteTexts("args"u8, process.Args);
        json.WriteTexts("env"u8, process.Env);
        json.WriteString("cwd"u8, process.Cwd);
        json.WriteObject("capabilities"u8, process.Capabilities, static (json, sets) =>
        {
            json.WriteTexts("bounding"u8, sets.Bounding);
            json.WriteTexts("effective"u8, sets.Effective);
            json.WriteTexts("inheritable"u8, sets.Inheritable);
            json.WriteTexts("permitted"u8, sets.Permitted);
            json.WriteTexts("ambient"u8, sets.Ambient);
        });
        json.WriteObjects("rlimits"u8, process.Rlimits, static (json, limit) =>
        {
            json.WriteString("type"u8, limit.Type);
            json.WriteNumber("soft"u8, limit.Soft);
            json.WriteNumber("hard"u8, limit.Hard);
        });
        json.WriteBoolean("noNewPrivileges"u8, process.NoNewPrivileges);
        json.WriteText("apparmorProfile"u8, process.ApparmorProfile);
        json.WriteWhole("oomScoreAdj"u8, process.OomScoreAdj);
        json.WriteText("selinuxLabel"u8, process.SelinuxLabel);
        json.WriteObject("scheduler"u8, process.Scheduler, static (json, scheduler) =>
        {
            json.WriteString("policy"u8, scheduler.Policy);
            json.WriteNumber("nice"u8, scheduler.Nice);
            json.WriteNumber("priority"u8, scheduler.Priority);
            json.WriteTexts("flags"u8, scheduler.Flags);
            json.WriteNumber("runtime"u8, scheduler.Runtime);
            json.WriteNumber("deadline"u8, scheduler.Deadline);
            json.WriteNumber("period"u8, scheduler.Period);
        });
        json.WriteObject("ioPriority"u8, process.IoPriority, static (json, io) =>
        {
            json.WriteString("class"u8, io.Class);
            json.WriteNumber("priority"u8, io.Priority);
        });
        json.WriteObject("execCPUAffinity"u8, process.ExecCpuAffinity, static (json, cpus) =>
        {
            json.WriteText("initial"u8, cpus.Initial);
            json.WriteText("final"u8, cpus.Final);
        });
    }

    private static void Write(Utf8JsonWriter json, Mount mount)
    {
        json.WriteString("destination"u8, mount.Destination);
        json.WriteText("type"u8, mount.Type);
        json.WriteText("source"u8, mount.Source);
        json.WriteTexts("options"u8, mount.Options);
        json.WriteObjects("uidMappings"u8, mount.UidMappings, Write);
        json.WriteObjects("gidMappings"u8, mount.GidMappings, Write);
    }

    private static void Write(Utf8JsonWriter json, IdMapping mapping)
    {
        json.WriteNumber("containerID"u8, mapping.ContainerId);
        json.WriteNumber("hostID"u8, mapping.HostId);
        json.WriteNumber("size"u8, mapping.Size);
    }

    private static void Write(Utf8JsonWriter json, Hooks hooks)
    {
        json.WriteObjects("prestart"u8, hooks.Prestart, Write);
        json.WriteObjects("createRuntime"u8, hooks.CreateRuntime, Write);
        json.WriteObjects("createContainer"u8, hooks.CreateContainer, Write);
        json.WriteObjects("startContainer"u8, hooks.StartContainer, Write);
        json.WriteObjects("poststart"u8, hooks.Poststart, Write);
        json.WriteObjects("poststop"u8, hooks.Poststop, Write);
    }

    private static void Write(Utf8JsonWriter json, Hook hook)
    {
        json.WriteString("path"u8, hook.Path);
        json.WriteTexts("args"u8, hook.Args);
        json.WriteTexts("env"u8, hook.Env);
        json.WriteWhole("timeout"u8, hook.Timeout);
    }
}
