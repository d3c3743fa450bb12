using System.Text;
using System.Text.Json.Nodes;
using Sampan.Linux;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Tests.Validation;

/// <summary>
/// Every member that the specification's own schemas (config-schema.json, config-linux.json, defs.json, defs-linux.json) give to the Linux platform, and
/// every word of their enumerations: none is passed over in silence.
/// </summary>
public sealed class SpecCoverageTests
{
    // KIND OBJECT MEMBER…; [] is an entry of a list, * any name, | separates objects of one shape. What is refused as a whole has no members here.
    private const string Members = """
        text . ociVersion hostname domainname
        object . hooks annotations root process linux
        objects . mounts
        text annotations *
        objects hooks prestart createRuntime createContainer startContainer poststart poststop
        text hooks.prestart[]|hooks.createRuntime[]|hooks.createContainer[]|hooks.startContainer[]|hooks.poststart[]|hooks.poststop[] path
        texts hooks.prestart[]|hooks.createRuntime[]|hooks.createContainer[]|hooks.startContainer[]|hooks.poststart[]|hooks.poststop[] args env
        number hooks.prestart[]|hooks.createRuntime[]|hooks.createContainer[]|hooks.startContainer[]|hooks.poststart[]|hooks.poststop[] timeout
        text mounts[] source destination type
        texts mounts[] options
        objects mounts[] uidMappings gidMappings
        number mounts[].uidMappings[]|mounts[].gidMappings[]|linux.uidMappings[]|linux.gidMappings[] containerID hostID size
        text root path
        boolean root readonly
        text process cwd apparmorProfile selinuxLabel
        texts process args env
        boolean process terminal noNewPrivileges
        number process oomScoreAdj
        object process consoleSize user capabilities ioPriority scheduler execCPUAffinity
        objects process rlimits
        number process.consoleSize height width
        number process.user uid gid umask
        numbers process.user additionalGids
        texts process.capabilities bounding permitted effective inheritable ambient
        text process.ioPriority class
        number process.ioPriority priority
        text process.scheduler policy
        number process.scheduler nice priority runtime deadline period
        texts process.scheduler flags
        text process.rlimits[] type
        number process.rlimits[] hard soft
        text process.execCPUAffinity initial final
        text linux cgroupsPath rootfsPropagation mountLabel
        texts linux maskedPaths readonlyPaths
        object linux resources seccomp sysctl personality timeOffsets netDevices intelRdt memoryPolicy
        objects linux devices uidMappings gidMappings namespaces
        text linux.devices[] type path
        number linux.devices[] fileMode major minor uid gid
        text linux.namespaces[] type path
        text linux.sysctl|linux.resources.unified *
        text linux.personality domain
        texts linux.personality flags
        object linux.timeOffsets boottime monotonic
        number linux.timeOffsets.boottime|linux.timeOffsets.monotonic secs nanosecs
        object linux.resources pids blockIO cpu memory network rdma unified
        objects linux.resources devices hugepageLimits
        boolean linux.resources.devices[] allow
        text linux.resources.devices[] type access
        number linux.resources.devices[] major minor
        number linux.resources.pids limit
        number linux.resources.blockIO weight leafWeight
        objects linux.resources.blockIO throttleReadBpsDevice throttleWriteBpsDevice throttleReadIOPSDevice throttleWriteIOPSDevice weightDevice
        number linux.resources.blockIO.throttleReadBpsDevice[]|linux.resources.blockIO.throttleWriteBpsDevice[] major minor rate
        number linux.resources.blockIO.throttleReadIOPSDevice[]|linux.resources.blockIO.throttleWriteIOPSDevice[] major minor rate
        number linux.resources.blockIO.weightDevice[] major minor weight leafWeight
        text linux.resources.cpu cpus mems
        number linux.resources.cpu period quota burst realtimePeriod realtimeRuntime shares idle
        text linux.resources.hugepageLimits[] pageSize
        number linux.resources.hugepageLimits[] limit
        number linux.resources.memory limit reservation swap kernel kernelTCP swappiness
        boolean linux.resources.memory disableOOMKiller useHierarchy checkBeforeUpdate
        number linux.resources.network classID
        objects linux.resources.network priorities
        text linux.resources.network.priorities[] name
        number linux.resources.network.priorities[] priority
        number linux.resources.rdma.* hcaHandles hcaObjects
        text linux.seccomp defaultAction listenerPath listenerMetadata
        number linux.seccomp defaultErrnoRet
        texts linux.seccomp flags architectures
        objects linux.seccomp syscalls
        text linux.seccomp.syscalls[] action
        texts linux.seccomp.syscalls[] names
        number linux.seccomp.syscalls[] errnoRet
        objects linux.seccomp.syscalls[] args
        number linux.seccomp.syscalls[].args[] index value valueTwo
        text linux.seccomp.syscalls[].args[] op
        """;

    private const string Sound = """
        {"ociVersion": "1.2.0", "root": {"path": "rootfs"}, "process": {"args": ["sh"], "cwd": "/", "user": {}}, "linux": {"namespaces": [{"type": "mount"}]}}
        """;

    /// <summary>A value of another type is refused with the member's path: so the member is read.</summary>
    [Fact]
    public void Every_member_is_read()
    {
        var count = 0;
        foreach (var line in Members.Split('\n'))
        {
            var words = line.Split(' ');
            foreach (var owner in words[1].Split('|'))
            {
                foreach (var member in words[2..])
                {
                    var path = owner == "." ? member : $"{owner}.{member}";
                    count += Refused(path, words[0]);
                }
            }
        }
        count.ShouldBe(267, "members, and entries of lists, of the Linux platform");
    }

    private static int Refused(string path, string kind)
    {
        RequireRefused(path, kind is "text" or "boolean" ? "5" : "\"x\"");
        if (kind is not ("texts" or "numbers" or "objects"))
            return 1;
        RequireRefused(path + "[]", kind == "texts" ? "5" : "\"x\"");
        return 2;
    }

    private static void RequireRefused(string path, string value)
    {
        var answer = Answer(Document(path, value)).Replace("[\"", ".", StringComparison.Ordinal).Replace("\"]", "", StringComparison.Ordinal);
        var shown = path.Replace("[]", "[0]", StringComparison.Ordinal).Replace("*", "name", StringComparison.Ordinal);
        answer.ShouldContain($"invalid config.json: {shown}: ");
        answer.ShouldContain(" is expected");
    }

    /// <summary>The object that has a value at a path and nothing else.</summary>
    private static string Document(string path, string value)
    {
        var parts = path.Split('.');
        var text = new StringBuilder();
        var ends = new Stack<string>();
        foreach (var part in parts)
        {
            var name = part.TrimEnd('[', ']');
            text.Append("{\"").Append(name == "*" ? "name" : name).Append("\": ");
            ends.Push("}");
            if (part.EndsWith("[]", StringComparison.Ordinal))
            {
                text.Append('[');
                ends.Push("]");
            }
        }
        return text.Append(value).AppendJoin("", ends).ToString();
    }

    /// <summary>Words of the schemas' enumerations: each is one of those that a refusal of a wrong word offers.</summary>
    [Theory]
    [InlineData("linux.namespaces[].type", "mount pid network uts ipc user cgroup time")]
    [InlineData("linux.rootfsPropagation", "private shared slave unbindable")]
    [InlineData("linux.personality.domain", "LINUX LINUX32")]
    [InlineData("process.ioPriority.class", "IOPRIO_CLASS_RT IOPRIO_CLASS_BE IOPRIO_CLASS_IDLE")]
    [InlineData("process.scheduler.policy", "SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE")]
    [InlineData("process.scheduler.flags[]",
        "SCHED_FLAG_RESET_ON_FORK SCHED_FLAG_RECLAIM SCHED_FLAG_DL_OVERRUN SCHED_FLAG_KEEP_POLICY SCHED_FLAG_KEEP_PARAMS SCHED_FLAG_UTIL_CLAMP_MIN SCHED_FLAG_UTIL_CLAMP_MAX")]
    [InlineData("linux.seccomp.defaultAction",
        "SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_TRAP SCMP_ACT_ERRNO SCMP_ACT_TRACE SCMP_ACT_ALLOW SCMP_ACT_LOG SCMP_ACT_NOTIFY")]
    [InlineData("linux.seccomp.syscalls[].action",
        "SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_TRAP SCMP_ACT_ERRNO SCMP_ACT_TRACE SCMP_ACT_ALLOW SCMP_ACT_LOG SCMP_ACT_NOTIFY")]
    [InlineData("linux.seccomp.flags[]", "SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")]
    [InlineData("linux.seccomp.syscalls[].args[].op", "SCMP_CMP_NE SCMP_CMP_LT SCMP_CMP_LE SCMP_CMP_EQ SCMP_CMP_GE SCMP_CMP_GT SCMP_CMP_MASKED_EQ")]
    [InlineData("linux.seccomp.architectures[]",
        "SCMP_ARCH_X86 SCMP_ARCH_X86_64 SCMP_ARCH_X32 SCMP_ARCH_ARM SCMP_ARCH_AARCH64 SCMP_ARCH_LOONGARCH64 SCMP_ARCH_M68K SCMP_ARCH_MIPS SCMP_ARCH_MIPS64 SCMP_ARCH_MIPS64N32 SCMP_ARCH_MIPSEL SCMP_ARCH_MIPSEL64 SCMP_ARCH_MIPSEL64N32 SCMP_ARCH_PPC SCMP_ARCH_PPC64 SCMP_ARCH_PPC64LE SCMP_ARCH_S390 SCMP_ARCH_S390X SCMP_ARCH_SH SCMP_ARCH_SHEB SCMP_ARCH_PARISC SCMP_ARCH_PARISC64 SCMP_ARCH_RISCV64")]
    public void Every_word_of_an_enumeration_is_known(string path, string words)
    {
        var wrong = Complaints(path, "NO_SUCH_WORD");
        wrong.ShouldContain(complaint => complaint.Contains("\"NO_SUCH_WORD\" is not one of", StringComparison.Ordinal));
        foreach (var word in words.Split(' '))
            Complaints(path, word).ShouldNotContain(complaint => complaint.Contains("is not one of", StringComparison.Ordinal) && complaint.Contains($"\"{word}\"", StringComparison.Ordinal), word);
    }

    /// <summary>What is wrong with a sound document when a word is set in it. Other things are as well, where more members belong to the word.</summary>
    private static IReadOnlyList<string> Complaints(string path, string word)
    {
        var document = (JsonObject)JsonNode.Parse(Sound)!;
        Merge(document, (JsonObject)JsonNode.Parse(Document(path, $"\"{word}\""))!);
        return SpecValidator.Validate(Oci.Runtime.SpecDocument.ReadSpec(Encoding.UTF8.GetBytes(document.ToJsonString())).ShouldNotBeNull()).Told;
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from.ToArray())
        {
            from.Remove(name);
            if (into[name] is JsonObject inner && value is JsonObject more)
                Merge(inner, more);
            else
                into[name] = value;
        }
    }

    private static string Answer(string document)
    {
        try
        {
            LaunchPlanner.Plan(SpecReader.Read(Encoding.UTF8.GetBytes(document)), "/rootfs", [], CapabilitySet.All);
            return "it was taken";
        }
        catch (RuntimeException refusal)
        {
            return refusal.Message;
        }
    }
}
