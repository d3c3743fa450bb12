using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Sampan.Oci.Runtime;

namespace Sampan.Oci.Tests.Runtime;

/// <summary>The reader of documents understands all that the serializer writes, and tells what it does not understand as the serializer would.</summary>
public sealed class SpecDocumentTests
{
    [Fact]
    public void Every_member_of_every_record_is_read()
    {
        var number = 0;
        var spec = (RuntimeSpec)Filled(typeof(RuntimeSpec), ref number);
        var json = JsonSerializer.SerializeToUtf8Bytes(spec, OciRuntimeJson.Default.RuntimeSpec);
        var read = SpecDocument.ReadSpec(json).ShouldNotBeNull();
        Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(read, OciRuntimeJson.Default.RuntimeSpec)).ShouldBe(Encoding.UTF8.GetString(json));
        number.ShouldBeGreaterThan(150);
    }

    [Fact]
    public void Every_member_of_every_record_is_written()
    {
        var number = 0;
        var spec = (RuntimeSpec)Filled(typeof(RuntimeSpec), ref number);
        Encoding.UTF8.GetString(SpecDocument.Write(spec)).ShouldBe(JsonSerializer.Serialize(spec, OciRuntimeJson.Default.RuntimeSpec));
        var features = (Features)Filled(typeof(Features), ref number);
        Encoding.UTF8.GetString(SpecDocument.Write(features)).ShouldBe(JsonSerializer.Serialize(features, OciRuntimeJson.Default.Features));
        var empty = new RuntimeSpec { Process = new OciProcess { Capabilities = new CapabilitySets() }, Linux = new LinuxSection { Resources = new Resources { Memory = new MemoryLimits(), BlockIo = new BlockIoLimits() } } };
        Encoding.UTF8.GetString(SpecDocument.Write(empty)).ShouldBe(JsonSerializer.Serialize(empty, OciRuntimeJson.Default.RuntimeSpec));
    }

    [Fact]
    public void A_state_is_written_as_the_serializer_writes_it()
    {
        var state = new ContainerState { OciVersion = "1.2.0", Id = "a", Status = "running", Pid = 7, Bundle = "/b <ü>", Annotations = new Dictionary<string, string> { ["k\"ey"] = "v\n" } };
        Encoding.UTF8.GetString(SpecDocument.Write(state)).ShouldBe(JsonSerializer.Serialize(state, OciRuntimeJson.Default.ContainerState));
    }

    [Theory]
    [InlineData("""{"process": {"user": {"uid": "root"}}}""")]
    [InlineData("""{"process": {"user": {"uid": -1}}}""")]
    [InlineData("""{"process": {"user": {"uid": 4294967296}}}""")]
    [InlineData("""{"process": {"user": {"uid": 1.5}}}""")]
    [InlineData("""{"process": {"user": {"uid": null}}}""")]
    [InlineData("""{"process": {"args": "sh"}}""")]
    [InlineData("""{"process": {"args": ["sh", 7]}}""")]
    [InlineData("""{"process": {"terminal": "true"}}""")]
    [InlineData("{\"mounts\": [{}, {\n\n\"destination\": [\"/\"]}]}")]
    [InlineData("""{"linux": {"resources": {"memory": {"limit": true}}}}""")]
    [InlineData("""{"linux": {"sysctl": {"a": 1}}}""")]
    [InlineData("""{"linux": []}""")]
    [InlineData("[]")]
    [InlineData("7")]
    public void What_is_of_the_wrong_type_is_named_by_its_path_and_line(string document)
    {
        var bytes = Encoding.UTF8.GetBytes(document);
        var expected = Should.Throw<JsonException>(() => JsonSerializer.Deserialize(bytes, OciRuntimeJson.Default.RuntimeSpec));
        var told = Should.Throw<JsonException>(() => SpecDocument.ReadSpec(bytes));
        told.Path.ShouldBe(expected.Path);
        told.LineNumber.ShouldBe(expected.LineNumber);
        told.Message.ShouldContain("could not be converted to ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"a": 1,}""")]
    [InlineData("""{"a": 1} x""")]
    [InlineData("""{"a": 01}""")]
    [InlineData("// comment\n{}")]
    [InlineData("{\"process\": {\"args\": [\"\\ud800\"]}}")]
    public void What_is_no_json_is_refused(string document)
    {
        Should.Throw<JsonException>(() => SpecDocument.ReadSpec(Encoding.UTF8.GetBytes(document)));
    }

    [Fact]
    public void Text_that_is_no_utf8_is_refused()
    {
        byte[] bytes = [.. "{\"hostname\": \""u8, 0xff, 0xfe, .. "\"}"u8];
        Should.Throw<JsonException>(() => SpecDocument.ReadSpec(bytes));
    }

    [Fact]
    public void Nesting_is_limited()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 65)) + "1" + new string('}', 65);
        Should.Throw<JsonException>(() => SpecDocument.ReadSpec(Encoding.UTF8.GetBytes(deep)));
        var allowed = string.Concat(Enumerable.Repeat("{\"a\":", 64)) + "1" + new string('}', 64);
        SpecDocument.ReadSpec(Encoding.UTF8.GetBytes(allowed)).ShouldNotBeNull();
    }

    [Fact]
    public void A_document_of_millions_of_values_is_refused()
    {
        var wide = "{\"x\": [" + string.Join(',', Enumerable.Repeat('1', 2_000_001)) + "]}";
        Should.Throw<JsonException>(() => SpecDocument.ReadSpec(Encoding.UTF8.GetBytes(wide)));
    }

    [Fact]
    public void Escapes_are_resolved_in_names_and_values_and_the_last_of_two_members_holds()
    {
        var spec = SpecDocument.ReadSpec("""{"h\u006fstname": "a\u00e4\n", "domainname": "one", "domainname": "two", "unknown": [{"hostname": 1}]}"""u8.ToArray()).ShouldNotBeNull();
        spec.Hostname.ShouldBe("aä\n");
        spec.Domainname.ShouldBe("two");
    }

    [Fact]
    public void What_is_missing_is_empty()
    {
        var spec = SpecDocument.ReadSpec("""{"process": {"capabilities": {}}, "linux": {"sysctl": null}}"""u8.ToArray()).ShouldNotBeNull();
        JsonSerializer.Serialize(spec, OciRuntimeJson.Default.RuntimeSpec).ShouldBe(
            JsonSerializer.Serialize(JsonSerializer.Deserialize("""{"process": {"capabilities": {}}, "linux": {"sysctl": null}}""", OciRuntimeJson.Default.RuntimeSpec), OciRuntimeJson.Default.RuntimeSpec));
        SpecDocument.ReadSpec("null"u8.ToArray()).ShouldBeNull();
    }

    /// <summary>A value with every member set, each to another number or word.</summary>
    private static object Filled(Type type, ref int number)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        number++;
        if (type == typeof(string))
            return "word " + number;
        if (type == typeof(bool))
            return true;
        if (type.IsPrimitive)
            return Convert.ChangeType(number, type, null);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var element = type.GetGenericArguments()[0];
            var list = Array.CreateInstance(element, 2);
            list.SetValue(Filled(element, ref number), 0);
            list.SetValue(Filled(element, ref number), 1);
            return list;
        }
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        {
            var element = type.GetGenericArguments()[1];
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), element))!;
            map.Add("name " + number, Filled(element, ref number));
            return map;
        }
        var made = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.CanWrite)
                property.SetValue(made, Filled(property.PropertyType, ref number));
        }
        return made;
    }
}
