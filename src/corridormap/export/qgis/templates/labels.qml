<labeling type="simple">
  <settings calloutType="simple">
    <text-style fieldName="" isExpression="1" fontSize="8" fontSizeUnit="Point" fontWeight="50" fontItalic="0" textColor="29,35,39,255" textOpacity="1" multilineHeight="1">
      <text-buffer bufferDraw="1" bufferColor="255,255,255,255" bufferSize="0.8" bufferSizeUnits="MM" bufferOpacity="0.9" bufferNoFill="1" bufferJoinStyle="128" />
    </text-style>
    <text-format multilineAlign="3" formatNumbers="0" wrapChar="" autoWrapLength="0" useMaxLineLengthForAutoWrap="1" />
    <placement placement="" placementFlags="11" predefinedPositionOrder="R,TR,BR,L,TL,BL,TSR,BSR" offsetType="1" dist="1" distUnits="MM" repeatDistance="0" repeatDistanceUnits="MM" priority="5" />
    <rendering drawLabels="1" scaleVisibility="1" scaleMin="0" scaleMax="" obstacle="1" obstacleFactor="1" mergeLines="0" labelPerPart="0" minFeatureSize="0" displayAll="0" upsidedownLabels="0" fontMinPixelSize="3" fontMaxPixelSize="10000" />
  </settings>
</labeling>
